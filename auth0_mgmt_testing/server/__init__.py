"""The fake as a server: HTTP/1.1, many tenants, control over HTTP, TLS, persistent state.

`http` implements the protocol, `hosting` finds the tenant of a request, `control` is the API below
``/__fake/``, `authority` issues certificates, `persistence` keeps state in a file.
"""
