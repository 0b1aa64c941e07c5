"""The project's generator: the contract in, operations, models, arguments and schemas out.

    python -m tools.generate --openapi PATH [--check]

`contract` reads the documents, `names` decides what things are called, `models`, `params`,
`resources` and `schemas` each write one kind of file, `__main__` compares or writes. Corrections
of the contract are data: ``corrections.toml``.
"""
