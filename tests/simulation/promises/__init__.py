"""What Rounds promises (docs/design.md), each as a small function that yields a sentence for whatever breaks it."""

from tests.simulation.promises import calm, climbing, incidents, items, looks, messages, runs
from tests.simulation.promises.seen import Seen

__all__ = ["Seen", "calm", "climbing", "incidents", "items", "looks", "messages", "runs"]
