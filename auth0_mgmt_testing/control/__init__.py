"""What a test can make a tenant do, and ask it afterwards: faults, limits, lag, journal, state.

Typed reach into its collections, seeds, exports, and what its users do by themselves belong here.

One small module for each; `auth0_mgmt_testing.tenant.FakeTenant` holds one of each. The engine
asks them at its stages and knows nothing of how they decide.
"""
