"""Verification: recordings of live tenants, compared with what another tenant responds.

A recording of any format is read as exchanges (`recordings.exchange`, `recordings.importers`);
`replay` sends them to a target under the recorded `conditions`, and `compare` compares the
responses. `preexisting`, `superseded`, `form_changes`, `rewritten`, `discovery` and `handmade` leave
out what a recording cannot show; `scores` sums up per operation, `causes` groups what remains, and
`report`, `exports` and `baseline` present it. `shadow` compares a fake with a live tenant while an
application uses that. Only `targets` sends requests.
"""
