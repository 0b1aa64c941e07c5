"""The tenants that a test suite can run against: one handle, one backend for each mode.

`handle` is the interface of all; `fake`, `server`, `cassette` and `live` implement it;
`plugin_session` is one run of pytest, in one mode; `markers` reads the specification of a
test's tenant (`tenant_spec`) from its marks. The guards of live tenants are in
`auth0_mgmt_testing.live`.
"""
