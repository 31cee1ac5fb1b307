"""Events are contracts: nothing that was ever published may change its shape, only new things may be added.

The snapshots are the published shapes. After an additive change run `python -m tests.contract.test_events` and commit
the snapshots with it; a change that is not additive needs a new version of the event instead.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from contracts.asyncapi import document, payload_schema
from contracts.catalogue import all_events

SNAPSHOTS = Path(__file__).parent / "snapshots"
ASYNCAPI = Path(__file__).parents[2] / "docs" / "asyncapi.json"
EVENTS = sorted(all_events())
PERSONAL = re.compile(r"(^|_)(name|id_number|mobile|phone|account_number|address|email|birth)", re.IGNORECASE)
# The name of an organisation is public; these carry no person's name.
ORGANISATIONS = {"employer.employer_opened.v1", "employer.employer_changed.v1"}


def _snapshot(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SNAPSHOTS / f"{name}.json").read_text())
    return loaded


def _shape(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without its prose."""
    return {
        "required": sorted(schema.get("required", [])),
        "properties": {
            key: {k: v for k, v in value.items() if k not in ("description", "title")}
            for key, value in schema["properties"].items()
        },
    }


@pytest.mark.parametrize("name", sorted(path.stem for path in SNAPSHOTS.glob("*.json")))
def test_a_published_event_changes_only_by_addition(name: str) -> None:
    assert name in all_events(), "a published event may not disappear while messages of it can be on their way"
    now, published = _shape(payload_schema(all_events()[name])), _shape(_snapshot(name))
    assert now["required"] == published["required"], "a field became required or optional: make it a new version"
    kept = {key: now["properties"].get(key) for key in published["properties"]}
    assert kept == published["properties"], "a field changed or went away: make it a new version"


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_has_a_current_snapshot(name: str) -> None:
    assert _shape(payload_schema(all_events()[name])) == _shape(_snapshot(name)), (
        "run `python -m tests.contract.test_events` and commit what it writes"
    )


@pytest.mark.parametrize("name", EVENTS)
def test_events_carry_ids_and_facts_only(name: str) -> None:
    personal = {field for field in all_events()[name].model_fields if PERSONAL.search(field)}
    assert not personal or name in ORGANISATIONS


@pytest.mark.parametrize("name", EVENTS)
def test_the_wire_name_begins_with_the_publishing_service(name: str) -> None:
    assert all_events()[name].__module__ == "contracts." + name.split(".")[0]


def test_the_asyncapi_document_is_current() -> None:
    assert json.loads(ASYNCAPI.read_text()) == json.loads(json.dumps(document()))


if __name__ == "__main__":
    for wire_name, event in all_events().items():
        text = json.dumps(payload_schema(event), ensure_ascii=False, indent=1, sort_keys=True)
        (SNAPSHOTS / f"{wire_name}.json").write_text(text + "\n")
    ASYNCAPI.write_text(json.dumps(document(), ensure_ascii=False, indent=1) + "\n")
