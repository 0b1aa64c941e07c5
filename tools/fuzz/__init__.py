"""Requests of every operation, drawn from the contract, to a tenant that validates its responses."""
