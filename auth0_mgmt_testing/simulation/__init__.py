"""Simulated conditions of a request: faults, rate limits, the tenant's plan."""
