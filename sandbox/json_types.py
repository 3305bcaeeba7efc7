"""JSON as it travels: what the Web API, the envelopes and the page exchange."""

from typing import Any

Json = dict[str, Any]
"""One JSON object. Its inside is somebody else's, so it is typed no further."""
