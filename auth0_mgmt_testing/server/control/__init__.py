"""The control API below ``/__fake/``: what Python can do with a tenant, over HTTP.

`endpoint` declares endpoints; `server`, `state`, `simulation` and `users` have a function for each;
`api` finds the one of a request, and `openapi` describes them (``GET /__fake/openapi.json``). An
error is ``{"error": kind, "message": text}``.
"""
