"""Responses, as pydantic models: one module per family."""
