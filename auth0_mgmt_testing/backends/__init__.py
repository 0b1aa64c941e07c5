"""The tenants that a test suite can run against: one handle, one maker for each mode.

`handle` says what every tenant can do; `fake`, `server`, `cassette` and `live` make one each;
`safety`, `guard` and `ledger` keep live tenants from harm, `outbound` keeps requests for a real
tenant from going out unasked. `run` is one run of pytest, in one mode; `marks` read what a test
wishes of its tenant (`wishes`).
"""
