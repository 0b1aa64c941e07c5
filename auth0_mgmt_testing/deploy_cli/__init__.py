"""Configurations in the formats of auth0-deploy-cli: a ``tenant.yaml``, or a folder of JSON files.

`files` reads and writes them, `keywords` fills in their ``##NAME##`` and ``@@NAME@@``, `kinds`
says what each part of them is in the Management API. `importing` and `exporting` turn them into
requests to a tenant and back.
"""
