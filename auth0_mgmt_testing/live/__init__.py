"""Guards of a live tenant: what may be called, what may be written, what was created."""
