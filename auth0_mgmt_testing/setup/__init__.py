"""Setup of a tenant: data, exports, typed collections and user actions.

`loading` reads seed files (`documents`), `exports` writes and reads complete states, `access` and
`collections` give typed access to documents, `user_actions` logs users in. `FakeTenant` combines
them.
"""
