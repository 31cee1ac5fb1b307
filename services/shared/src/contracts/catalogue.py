"""Imports every module that defines events, so that `event_types()` is complete."""

from contracts import employer, enrollment, identity, reporting
from contracts.base import Event, event_types

__all__ = ["all_events", "employer", "enrollment", "identity", "reporting"]


def all_events() -> dict[str, type[Event]]:
    """Every event of the hall by wire name."""
    return event_types()
