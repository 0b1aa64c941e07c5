"""One module per resource family: declarations first, peculiar functions below."""
