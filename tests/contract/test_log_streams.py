"""Log streams."""

from __future__ import annotations

from .families import Family

LOG_STREAMS = Family(
    at="log_streams",
    new=lambda make: {
        "name": make.name("stream"),
        "type": "http",
        "sink": {
            "httpEndpoint": "https://logs.example.com/in",
            "httpContentType": "application/json",
        },
    },
    form=r"lst_\d{16}",
    change={"name": "Renamed stream"},
    missing="lst_0000000000999999",
    absent="The log stream does not exist",
    absent_delete=204,
    needs="log_streams",
)
