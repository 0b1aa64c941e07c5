"""The code of actions: what it sees, where it runs, and what it did.

- `event`: what a trigger is about, as the flows hold it. `effects`: what code wants to happen.
- `triggers`: the handler that each trigger calls, and the ``api`` that it passes.
- `event_object`: the ``event`` that the code sees.
- `program`: the code with its limits, and the outcome of a run.
- `quickjs_engine`, `node_engine`: run ``prelude.js``, which runs the code; they never raise for what
  the code does. `worker`: the threads of QuickJS. `fetching`: sends the code's requests.
- `runner`: chooses the engine, and turns calls of the ``api`` into effects.

Nothing here changes the state. `auth0_mgmt_testing.resources.action_executions` runs what a tenant has
bound to a trigger, and records it.
"""
