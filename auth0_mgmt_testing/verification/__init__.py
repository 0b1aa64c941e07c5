"""The contract harness: recordings of live tenants, held against any tenant.

A recording of any format becomes neutral exchanges (`exchange`, `importers`); `replay` sends them
to a target and `compare` judges the answers; `evidence` sums up per operation and `report` shows
it; `newer` and `before` know what a recording cannot be held to; `shadow` holds a fake against a
live tenant while an application uses it. The harness knows exchanges and targets only, never how an answer comes about.
"""
