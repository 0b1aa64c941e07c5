"""The fake as a server: HTTP/1.1, many tenants, control over HTTP, TLS, lasting state.

`http` speaks the protocol, `hosting` finds the tenant of a request, `control` is the API below
``/__fake/``, `authority` issues certificates, `persistence` keeps state in a file.
"""
