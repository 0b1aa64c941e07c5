"""Exchanges of any recording format, scrubbing, pseudonyms: the base of cassettes and verification."""
