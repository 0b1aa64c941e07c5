"""The commands of ``auth0-fake``, one module each, named as the command is.

A module holds one function of its own name; its parameters are the command line. What a command
needs is imported inside the function, so that asking for help stays quick.
"""
