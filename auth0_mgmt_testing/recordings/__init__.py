"""Exchanges of any recording format, scrubbing, pseudonyms: the ground floor of cassettes and verification."""
