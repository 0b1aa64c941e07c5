"""The contract harness: recordings of live tenants, held against any tenant.

A recording of any format becomes neutral exchanges (`exchange`, `importers`); `replay` sends them
to a target and `compare` judges the answers; `evidence` sums up per operation and `report` shows
it. The harness knows exchanges and targets only, never how an answer comes about.
"""
