"""The state of a tenant: the persistent store, its clock and its ids."""
