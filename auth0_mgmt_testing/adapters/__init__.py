"""Ways into a tenant. A door only translates; one engine and one state lie behind all of them.

`proxy` alone leads elsewhere: to a live tenant, for the shadow.
"""
