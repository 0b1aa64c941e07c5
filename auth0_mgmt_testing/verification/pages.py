"""A user's browser on a fake tenant's pages, as far as set-ups need one."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    import httpx

    from ..tenant import FakeTenant


class Pages:
    """Keeps cookies, follows redirects inside of the tenant, and sends the form that is shown."""

    def __init__(self, tenant: FakeTenant) -> None:
        import httpx

        self._client = httpx.Client(
            transport=tenant.transport(), base_url=f"https://{tenant.domain}"
        )
        self._page: httpx.Response | None = None
        self.left_for = ""
        """Where a redirect led, out of the tenant."""

    def open(self, url: str) -> None:
        """Open a page."""
        self._go("GET", url)

    def submit(self, **values: str) -> None:
        """Send the form of the page, by its first button unless ``values`` name another."""
        if self._page is None:
            return
        form = _Form()
        form.feed(self._page.text)
        self._go("POST", str(self._page.url), {**form.fields, **form.buttons, **values})

    def _go(self, method: str, url: str, data: dict[str, str] | None = None) -> None:
        response = self._client.request(method, url, data=data)
        while response.is_redirect:
            target = urljoin(str(response.url), response.headers["location"])
            if urlsplit(target).netloc != response.url.netloc.decode():
                self.left_for = target
                return
            response = self._client.get(target)
        self._page = response


class _Form(HTMLParser):
    """The fields of a page's form, and its first button that has a name."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.buttons: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "input" and known.get("type") != "checkbox":
            self.fields[known.get("name", "")] = known.get("value", "")
        if tag == "button" and "name" in known and not self.buttons:
            self.buttons[known["name"]] = known.get("value", "")
