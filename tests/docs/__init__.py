"""The documentation and the files around the code are held to what the code does."""
