"""The console script ``auth0-fake``: every module of `auth0_mgmt_testing.commands` is a command."""

from __future__ import annotations

import importlib
import pkgutil

import typer

from . import commands


def application() -> typer.Typer:
    """The command line with all commands."""
    app = typer.Typer(
        name="auth0-fake",
        help="A fake Auth0 tenant: serve it, and hold it against recordings of live ones.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def root() -> None:  # pyright: ignore[reportUnusedFunction]
        """Keeps commands as commands even where there is only one."""

    for info in sorted(pkgutil.iter_modules(commands.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{commands.__name__}.{info.name}")
        app.command(info.name.replace("_", "-"))(getattr(module, info.name))
    return app


def main() -> None:
    """Run the command line."""
    application()()
