"""The internal API of identity, enrollment and employer as reporting sees it, over httpx's own mock transport.

It is the far end of a real client: what is sent to it is checked, and what it answers can be made wrong, slow or none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import orjson

from contracts.values.month import Month
from servicekit.ids import uuid7

UNIT, OTHER_UNIT = "330200000000000101", "330200000000000102"
SECRET = "a-secret-of-the-test-only"
INSURANCES = (("310", "职工基本医疗保险", "680.00", "160.00"), ("510", "生育保险", "56.00", "0.00"))


@dataclass
class Siblings:
    """One person of UNIT, insured since 2024-01, paid up to the month before `unpaid`."""

    person_id: UUID = field(default_factory=uuid7)
    name: str = "林晓燕"
    id_number: str = "330203199003071232"
    employer_name: str = "甬江智造科技有限公司"
    unpaid: Month = field(default_factory=lambda: Month(2026, 2))
    mandate_gone: bool = False
    away: set[str] = field(default_factory=set)
    """Services that can't be reached, or that answer with `away_status`."""
    away_status: int | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Every request: service and path."""
    page_size: int = 5
    units: tuple[tuple[str, str], ...] = ((UNIT, "甬江智造科技有限公司"), (OTHER_UNIT, "东海电子有限公司"))
    """Who insured the person, the newest first. The older one paid up to 2025-11."""
    delegated: list[Mapping[str, Any]] = field(default_factory=list)
    """What identity was asked for."""

    def transports(self) -> dict[str, httpx.AsyncBaseTransport]:
        """What `make_service` takes."""
        return {
            "identity": httpx.MockTransport(self._identity),
            "enrollment": httpx.MockTransport(self._enrollment),
            "employer": httpx.MockTransport(self._employer),
        }

    def _note(self, service: str, request: httpx.Request) -> httpx.Response | None:
        """The answer of a service that is away, if it is and gives one."""
        self.asked.append((service, request.url.path))
        if service not in self.away:
            return None
        if self.away_status is None:
            raise httpx.ConnectError("away", request=request)
        return httpx.Response(self.away_status, json={"code": "whatever"})

    def _identity(self, request: httpx.Request) -> httpx.Response:
        if away := self._note("identity", request):
            return away
        assert request.headers["authorization"] == f"Bearer {SECRET}"
        self.delegated.append(orjson.loads(request.content))
        if self.mandate_gone:
            return httpx.Response(403, json={"code": "forbidden"})
        return httpx.Response(200, json={"token": "delegated", "expires_in": 60})

    def _enrollment(self, request: httpx.Request) -> httpx.Response:
        if away := self._note("enrollment", request):
            return away
        assert request.headers["authorization"] == "Bearer delegated"
        facts = {
            "person_id": str(self.person_id),
            "name": self.name,
            "id_type": "01",
            "id_number": self.id_number,
            "coverages": [
                {"insurance": code, "insurance_name": name, "first_month": "2024-01", "status_name": "正常参保"}
                for code, name, _, _ in INSURANCES
            ],
        }
        if request.url.path == "/internal/me/certificate-facts":
            units = [{"employer_no": number, "name": name} for number, name in self.units]
            return httpx.Response(200, json={**facts, "employers": units})
        if request.url.path != f"/internal/people/{self.person_id}/certificate-facts":
            return httpx.Response(404, json={"code": "not_found"})
        return httpx.Response(200, json={**facts, "employer_no": UNIT, "employer_name": self.employer_name})

    def _employer(self, request: httpx.Request) -> httpx.Response:
        if away := self._note("employer", request):
            return away
        asked = request.url.params
        months = Month.range(Month.parse(asked["from_month"]), Month.parse(asked["to_month"]))
        rows = [self._row(month, insurance) for month in months for insurance in INSURANCES]
        if request.url.path == "/internal/me/contributions":
            return httpx.Response(200, json={"items": [{**row, "employer_no": self._payer(row)} for row in rows]})
        start = int(asked.get("after", "0"))
        page = rows[start : start + self.page_size]
        more = start + self.page_size < len(rows)
        return httpx.Response(200, json={"items": page, "next": str(start + self.page_size) if more else None})

    def _payer(self, row: Mapping[str, Any]) -> str:
        return OTHER_UNIT if row["month"] <= "2025-11" else UNIT

    def _row(self, month: Month, insurance: tuple[str, str, str, str]) -> Mapping[str, Any]:
        code, name, employers, own = insurance
        return {
            "month": str(month),
            "insurance": code,
            "insurance_name": name,
            "base": "8000.00",
            "employer_amount": employers,
            "own_amount": own,
            "amount_total": "0.00",
            "status": "1" if month < self.unpaid else "0",
            "status_name": "已到账" if month < self.unpaid else "未到账",
        }
