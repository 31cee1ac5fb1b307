"""The event base class, the envelope it travels in, and the registry of wire names.

An event is a fact in the past tense: flat, frozen, ids and facts only. It never carries a name, an identity number,
a mobile number or a bank account. A change to an event is additive, or it is a new version with a new wire name.
"""

import re
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

_WIRE_NAME = re.compile(r"^[a-z]+\.[a-z_]+\.v[1-9][0-9]*$")
_by_wire_name: dict[str, type["Event"]] = {}


class Event(BaseModel):
    """Base of everything that is announced on the bus."""

    # Unknown fields are ignored: a newer publisher may add some (additive change).
    model_config = ConfigDict(frozen=True, extra="ignore")

    wire_name: ClassVar[str]
    listeners: ClassVar[tuple[str, ...]] = ()
    """The services that subscribe. Empty: nobody has to, and an unroutable publish is no fault."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        name = cls.__dict__.get("wire_name")
        if name is None:
            return
        if not _WIRE_NAME.match(name):
            raise ValueError(f"not a wire name: {name!r}")
        known = _by_wire_name.setdefault(name, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"wire name {name!r} is taken by {known.__qualname__}")

    def subject(self) -> str | None:
        """What the event is about, for the envelope: the id a reader would look for."""
        return None


def event_types() -> dict[str, type[Event]]:
    """All event types by wire name. Import the publishing modules first (`contracts.catalogue` imports all)."""
    return dict(_by_wire_name)


class Envelope(BaseModel):
    """CloudEvents 1.0 in JSON, with W3C trace context and our correlation and causation ids as extensions."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    time: datetime
    subject: str | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    traceparent: str | None = None
    correlationid: str | None = None
    causationid: str | None = None
    data: dict[str, Any]
