"""The AsyncAPI 3.0 description of the bus, generated from the event classes: `python -m contracts.asyncapi`."""

import inspect
import json
import sys
from typing import Any

from contracts.base import Event
from contracts.catalogue import all_events


def payload_schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event's data, self-contained."""
    return event.model_json_schema(mode="serialization")


def document() -> dict[str, Any]:
    """The whole description: one channel per event, named by its wire name."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for name, event in sorted(all_events().items()):
        key = name.replace(".", "_")
        messages[key] = {
            "name": name,
            "title": event.__name__,
            "summary": inspect.cleandoc(event.__doc__ or "").splitlines()[0],
            "contentType": "application/cloudevents+json",
            "payload": payload_schema(event),
            "x-listeners": list(event.listeners),
        }
        channels[key] = {"address": name, "messages": {key: {"$ref": f"#/components/messages/{key}"}}}
        operations[f"announce_{key}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{key}"},
            "messages": [{"$ref": f"#/channels/{key}/messages/{key}"}],
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Employer Hall events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 (JSON) over RabbitMQ; the address is the routing key and the event's type.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


if __name__ == "__main__":
    json.dump(document(), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
