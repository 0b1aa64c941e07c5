"""Hooks of a run against a live tenant: tests of features outside its plan are skipped."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from auth0_mgmt import APIStatusError

_NOT_IN_PLAN = frozenset({"operation_not_supported", "feature_not_enabled"})


class LiveRun:
    """Turns a tenant's "not in your plan" into a skip with the reason."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Generator[None, Any, Any]:
        return (yield from _skipping())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        return (yield from _skipping())


def _skipping() -> Generator[None, Any, Any]:
    try:
        return (yield)
    except APIStatusError as error:
        if not lacks_entitlement(error):
            raise
        called = error.request.operation if error.request is not None else None
        pytest.skip(f"the tenant's plan lacks what {called or 'the test'} needs: {error.message}")


def lacks_entitlement(error: APIStatusError) -> bool:
    """Whether the tenant rejected a request because of its plan: 402, or 403 with such a code."""
    return error.status_code == 402 or (
        error.status_code == 403 and error.error_code in _NOT_IN_PLAN
    )
