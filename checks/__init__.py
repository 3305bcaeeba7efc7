"""Looks at the world. One public module is one kind of check; this page re-exports the words they are made of."""

from checks._catalogue import Kind, catalogue, kind, kind_names
from checks._contract import (
    EVIDENCE_LIMIT,
    Check,
    Context,
    CouldNotCheck,
    Evidence,
    Finding,
    Look,
    Measure,
    Metric,
    Outcome,
    Ping,
    Rules,
    Shared,
)
from checks._units import duration, plain, show

__all__ = [
    "EVIDENCE_LIMIT",
    "Check",
    "Context",
    "CouldNotCheck",
    "Evidence",
    "Finding",
    "Kind",
    "Look",
    "Measure",
    "Metric",
    "Outcome",
    "Ping",
    "Rules",
    "Shared",
    "catalogue",
    "duration",
    "kind",
    "kind_names",
    "plain",
    "show",
]
