"""Deliberate faults of the fake, each of which the contract suite must notice; not shipped.

``python -m tools.mutations`` puts one fault after another into the fake and runs the contract
suite on it, then the recordings where they are at hand. A fault that no test notices fails the
check: a suite that accepts a broken fake proves nothing about the correct one.
"""
