"""What a tenant holds: the persistent store, its clock and its ids."""
