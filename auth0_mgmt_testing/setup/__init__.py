"""What a test can make a tenant do, and ask it afterwards.

One small module for each thing: faults, limits, lag, the journal, changes, seeds, exports, typed
reach into collections, what users do by themselves. `auth0_mgmt_testing.tenant.FakeTenant` puts
them together. The engine asks some of them at its stages and knows nothing of how they decide.
"""
