"""``python -m tools.mutations.replay FOLDER``: the scores of a fake with a fault, as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import astuple
from pathlib import Path

from . import plugin as plugin

if __name__ == "__main__":
    from auth0_mgmt_testing.verification.verify import VerifyOptions, verify

    scores = verify([Path(sys.argv[1])], VerifyOptions(strict=True)).evidence.scores
    print(json.dumps(astuple(scores) if scores else None))
