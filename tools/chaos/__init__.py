"""Faults on the wire: a loopback server that misbehaves, and what the client makes of it."""
