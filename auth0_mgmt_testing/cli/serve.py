"""``auth0-fake serve``: fake tenants at a local address."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..errors import LoadError, ServerStartError, StateFileError

BAD_INPUT = 2


def _plans() -> list[str]:
    """The names of plans, for the completion of shells."""
    from ..simulation.rate_limits import PLANS

    return list(PLANS)


class LoginPage(StrEnum):
    """What log-ins begin with."""

    FORM = "form"
    PICKER = "picker"


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free port.")] = 8400,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve HTTPS, by an authority of your own.")
    ] = False,
    proxy_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Also be a proxy (CONNECT) for *.auth0.com on this port."
        ),
    ] = None,
    domain: Annotated[
        str | None, typer.Option(help="The tenant's domain, by default the address.")
    ] = None,
    tenant: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A further tenant; repeatable.")
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the state in this file, and go on with it."),
    ] = None,
    load: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE|DIR",
            help="Load a seed, an export, users, a configuration of auth0-deploy-cli into a new "
            "tenant; repeatable.",
        ),
    ] = None,
    mappings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The values of ##NAME## in a configuration (JSON, or deploy-cli's).",
        ),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option(help="Limit requests as this plan does.", autocompletion=_plans),
    ] = None,
    require_issued_tokens: Annotated[
        bool, typer.Option("--require-issued-tokens", help="Accept only tokens issued here.")
    ] = False,
    login: Annotated[
        LoginPage, typer.Option(help="What /authorize shows: a form, or a list of users to click.")
    ] = LoginPage.FORM,
    trust_actions: Annotated[
        bool,
        typer.Option("--trust-actions", help="Let actions run in node and call this machine."),
    ] = False,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Listen on non-loopback addresses.")
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Also accept this host name; repeatable."),
    ] = None,
    forward: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL=URL",
            help="Send what goes to the first URL (webhooks, logs) to the second, here; repeatable.",
        ),
    ] = None,
    open_inspector: Annotated[
        bool, typer.Option("--open", help="Open the inspector in a browser.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Log no requests.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON instead of the environment.")
    ] = False,
) -> None:
    """Serve a fake tenant until Ctrl-C or SIGTERM.

    Prints what a client needs: the URL, the tenant's domain, and a client that may request every
    scope of the Management API. The address of the inspector and the requests are logged to
    standard error. The control API is below /__fake/. Exits with 2 if it cannot start.
    """
    import json

    from ..state.bulk import many_objects

    with many_objects():
        from ..server.environments import default_syntax, render
        from ..server.launch import ServerOptions, TenantServer
    try:
        forwarded = tuple(_forwarded(each) for each in forward or ())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--forward") from None
    options = ServerOptions(
        host=host,
        port=port,
        tls=tls,
        proxy_port=proxy_port,
        domain=domain,
        tenants=tuple(tenant or ()),
        state=state,
        load=tuple(load or ()),
        mappings=mappings,
        plan=plan,
        require_issued_tokens=require_issued_tokens,
        login_picker=login is LoginPage.PICKER,
        trust_actions=trust_actions,
        allow_remote=allow_remote,
        allowed_hosts=tuple(allow_host or ()),
        forward=forwarded,
    )
    try:
        with many_objects():
            server = TenantServer(options)
    except (ServerStartError, StateFileError, LoadError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    if not quiet:
        from ..server.console import RequestConsole  # late: it imports rich

        server.app.observers.append(RequestConsole())
    if as_json:
        text = json.dumps(server.describe())
    else:
        text = render(server.environment(), default_syntax())
    inspector = server.describe()["control"]

    if server.not_loaded:
        names = ", ".join(map(str, server.not_loaded))
        typer.echo(f"{state} goes on; {names} is loaded only where that file is new", err=True)

    def ready() -> None:
        typer.echo(text)
        if not quiet:
            typer.echo(f"Inspector: {inspector}", err=True)
        if open_inspector and inspector is not None:
            _open(inspector)

    server.run(ready)


def _open(url: str) -> None:
    """Show a page in the user's browser, where there is a display for one."""
    import os
    import sys
    import threading
    import webbrowser

    graphical = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if graphical:  # without one a browser of the terminal would take the terminal over
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _forwarded(text: str) -> tuple[str, str]:
    """The two URLs of an option."""
    url, _, to = text.partition("=http")
    if not url.startswith(("http://", "https://")) or not to:
        raise ValueError(f"{text!r}: give https://hooks.example.com=http://127.0.0.1:3000")
    return url, f"http{to}"
