"""One module per resource family: declarations first, special functions below."""
