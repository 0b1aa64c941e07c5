"""The Authentication API and the login pages, on the same state as the Management API.

Each module is one idea. From the ground up:

- `errors`, `http`, `lookup`: error responses, what a request says, what the state holds.
- `access`, `signing`, `claims`, `tokens`: who may have which scopes, and the tokens that say so.
- `passwords`, `protection`, `sessions`, `refresh_tokens`, `logins`: what a log-in checks,
  creates and records.
- `pipeline`: from an authenticated user to what is granted, with the code of actions.
- `client_authentication`, `token_endpoint`, `grants/`: ``POST /oauth/token``.
- `authorization_request`, `authorize`, `interaction`, `pages/`: ``GET /authorize`` and its pages.
- one module per further endpoint.

A module with routes holds a `Family`; the registry finds it as it finds those of `resources`.
Tables whose names begin with two underscores hold what a flow under way needs. Secrets in them
are kept as digests only.
"""
