"""The code of actions: what it is given, where it runs, and what it did.

- `event`: what a trigger is about, as the flows hold it. `effects`: what code wants to happen.
- `triggers`: the handler that each trigger calls, and the ``api`` that it is given.
- `event_object`: the ``event`` that the code sees.
- `engine`: runs one action, in QuickJS or in `node`, within limits; it never raises for what the code
  does.

Nothing here changes the state. `auth0_mgmt_testing.resources.action_executions` runs what a tenant has
bound to a trigger, and records it.
"""
