"""Adapters between HTTP libraries and a tenant; they only translate.

`proxy` alone leads to a live tenant, for the shadow.
"""
