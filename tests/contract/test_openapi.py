"""The description of the HTTP API: valid, and the one that the types of the pages were made from."""

import json
from pathlib import Path

from openapi_spec_validator import validate

from standalone.openapi import merged

COMMITTED = Path(__file__).parents[2] / "gateway" / "web" / "openapi.json"


def test_the_merged_document_is_valid_openapi() -> None:
    validate(merged())


def test_the_pages_types_were_made_from_the_api_as_it_is() -> None:
    committed = json.loads(COMMITTED.read_text())
    assert committed == json.loads(json.dumps(merged())), "run `make api` and commit what it writes"


def test_no_internal_route_is_described() -> None:
    assert [path for path in merged()["paths"] if not path.startswith("/api/")] == []
