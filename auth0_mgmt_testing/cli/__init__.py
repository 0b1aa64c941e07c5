"""The console script ``auth0-fake``: every module of `auth0_mgmt_testing.cli` is a command."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from auth0_mgmt import __version__

from .. import cli


def application() -> typer.Typer:
    """The command line with all commands."""
    app = typer.Typer(
        name="auth0-fake",
        help="A fake Auth0 tenant: serve it, and compare it with recordings of live ones.",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def root(  # pyright: ignore[reportUnusedFunction]
        version: Annotated[
            bool,
            typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
        ] = False,
    ) -> None:
        """Keeps commands as commands even where there is only one."""

    for info in sorted(pkgutil.iter_modules(cli.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{cli.__name__}.{info.name}")
        # Each option has a variable, such as AUTH0_FAKE_SERVE_DOMAIN: containers are set up by them.
        variables = {"auto_envvar_prefix": f"AUTH0_FAKE_{info.name.upper()}"}
        command = app.command(info.name.replace("_", "-"), context_settings=variables)
        command(getattr(module, info.name))
    return app


def _version(show: bool) -> None:
    if show:
        typer.echo(f"auth0-mgmt {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; a console that lacks a character shows its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    application()()
