"""What callers pass, as TypedDicts: one module per family."""
