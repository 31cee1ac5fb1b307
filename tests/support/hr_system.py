"""The HR system of an employer: what a program does with an API key."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from servicekit.ids import uuid7
from tests.support.hall import HallClient


class HrSystem:
    """A program with a key: no cookie, no unit, no origin."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False, headers={"X-API-Key": key})

    def __enter__(self) -> "HrSystem":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def declare(self, form: dict[str, Any], key: str | None = None) -> httpx.Response:
        """增员."""
        return self._http.post("/api/enrollment/additions", json=form, headers={"Idempotency-Key": key or str(uuid7())})

    def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Anything else."""
        return self._http.request(method, path, json=body, headers={"Idempotency-Key": str(uuid7())})


def issue_key(chief: HallClient, **changes: Any) -> dict[str, Any]:
    """A new key of the unit that the legal representative works for; their session must be raised."""
    in_a_month = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()  # keys live by the machine's clock
    form = {"name": f"人事{uuid7()}", "permissions": ["declare", "query"], "expires_on": in_a_month, **changes}
    issued: dict[str, Any] = chief.post("/api/identity/api-keys", form, 201)
    return issued
