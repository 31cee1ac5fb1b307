"""The merged description of the HTTP API, made without starting anything."""

from typing import Any

from gateway.openapi import merge
from servicekit.web import openapi_of
from standalone.prepare import ALL_SERVICES


def merged() -> dict[str, Any]:
    """What `/api/openapi.json` answers."""
    return merge([openapi_of(service) for service in ALL_SERVICES])
