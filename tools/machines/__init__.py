"""Random sequences of calls on a tenant, compared with an independent model after each."""
