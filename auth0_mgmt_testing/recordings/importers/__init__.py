"""Recordings of other tools, read as scenarios.

One module per format. Each has ``recognises(document)``, which looks at the parsed content only,
and ``scenarios(document, name, source)``. Formats: vcrpy, go-vcr (v1 to v3), Ruby VCR, nock, HAR,
WireMock mappings; as YAML or JSON, whichever the file holds.
"""

from ...errors import RecordingFormatError
from ._document import RecordingDocument
from ._load import EXTENSIONS, find, load

__all__ = ["EXTENSIONS", "RecordingDocument", "RecordingFormatError", "find", "load"]
