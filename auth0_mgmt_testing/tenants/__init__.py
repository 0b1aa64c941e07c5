"""The tenants that a test suite can run against: one handle, one maker for each mode.

`handle` says what every tenant can do; `fake`, `server`, `cassette` and `live` make one each;
`safety` keeps live tenants from harm, and requests for a real tenant from going out unasked. The
pytest plugin is the only one who knows which mode a run is in.
"""
