"""What every page that asks who the user is has: buttons of connections, the way to a provider."""

from __future__ import annotations

from ...connection_strategies import title
from ...engine.context import Reply, RequestContext
from ...state.store import Doc
from ..errors import invalid_request
from ..home_realm import is_federated, with_button
from ..http import redirect
from ..interaction import Flow
from ..pages.page import Choice


def connection_buttons(context: RequestContext, flow: Flow) -> list[Choice]:
    """A button for each connection that shows one."""
    return [
        Choice(
            doc["name"],
            "federatedConnectionButtonText",
            name="connection",
            secondary=True,
            variables={"connectionName": title(doc)},
        )
        for doc in with_button(context, flow.connections(context), flow.organization(context))
    ]


def leave_by_button(context: RequestContext, flow: Flow, name: str) -> Reply:
    """To the page of the connection whose button was pressed."""
    for doc in flow.connections(context):
        if doc["name"] == name:
            return to_connection(flow, doc)
    raise invalid_request(f"the connection was not found: {name}")


def to_connection(flow: Flow, connection: Doc) -> Reply:
    """To the page that stands in for a provider, or that asks where to send a code."""
    screen = "identity" if is_federated(connection) else "passwordless"
    return redirect(flow.url(screen, connection=connection["name"]))
