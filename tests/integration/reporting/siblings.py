"""The internal API of identity, enrollment and employer as reporting sees it, over httpx's own mock transport.

It is the far end of a real client: what is sent to it is checked, and what it answers can be made wrong, slow or none.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson

from contracts.values.month import Month
from servicekit.ids import uuid7
from servicekit.personal import mask
from tests.support.signing import signing_identity

UNIT, OTHER_UNIT = "330200000000000101", "330200000000000102"
SECRET = "a-secret-of-the-test-only"
_TEXTS = frozenset(
    {
        "name",
        "id_number",
        "employer_name",
        "insurance_name",
        "status_name",
        "insurances",
        "sex_name",
        "uscc",
        "kind_name",
    }
)
INSURANCES = (("310", "职工基本医疗保险", "680.00", "160.00"), ("510", "生育保险", "56.00", "0.00"))


def settings_in(folder: Path) -> dict[str, Any]:
    """Settings of reporting beside these siblings, with its files in a folder."""
    return {
        "object_dir": folder,
        "public_url": "https://hall.test",
        "reporting_secret": SECRET,
        "document_signing_key": signing_identity(),
    }


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
    colleagues: list[tuple[UUID, str, str]] = field(default_factory=list)
    """More people of UNIT: id, name, identity number."""
    applications: list[dict[str, Any]] = field(default_factory=list)
    typed: str | None = None
    """What somebody typed into every text that a document shows."""
    bodies: list[tuple[str, Any]] = field(default_factory=list)
    """Every JSON body, with the path it went to."""

    def people(self) -> list[tuple[UUID, str, str]]:
        """Everybody of UNIT."""
        return [(self.person_id, self.name, self.id_number), *self.colleagues]

    def transports(self) -> dict[str, httpx.AsyncBaseTransport]:
        """What `make_service` takes."""
        return {
            "identity": httpx.MockTransport(self._identity),
            "enrollment": httpx.MockTransport(lambda request: self._retyped(self._enrollment(request))),
            "employer": httpx.MockTransport(lambda request: self._retyped(self._employer(request))),
        }

    def _retyped(self, answer: httpx.Response) -> httpx.Response:
        if self.typed is None or answer.status_code != httpx.codes.OK:
            return answer
        return httpx.Response(200, json=_with(self.typed, answer.json()))

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
        path = request.url.path
        if path == "/internal/me/certificate-facts":
            units = [{"employer_no": number, "name": name} for number, name in self.units]
            own = self._certified(self.person_id, self.name, self.id_number)
            return httpx.Response(200, json={**own, "employers": units})
        if request.method == "POST":
            asked = json.loads(request.content)
            self.bodies.append((path, asked))
            return httpx.Response(200, json=self._listed(path, asked))
        for person_id, name, id_number in self.people():
            if path == f"/internal/people/{person_id}/certificate-facts":
                return httpx.Response(200, json=self._certified(person_id, name, id_number))
        return httpx.Response(404, json={"code": "not_found"})

    def _certified(self, person_id: UUID, name: str, id_number: str) -> Mapping[str, Any]:
        return {
            "person_id": str(person_id),
            "name": name,
            "id_type": "01",
            "id_number": id_number,
            "coverages": [
                {"insurance": code, "insurance_name": title, "first_month": "2024-01", "status_name": "正常参保"}
                for code, title, _, _ in INSURANCES
            ],
            "employer_no": UNIT,
            "employer_name": self.employer_name,
        }

    def _listed(self, path: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        def number(id_number: str) -> str:
            return id_number if asked["full_numbers"] else mask("id_number", id_number)

        if path == "/internal/people-names":
            wanted = set(asked["person_ids"])
            named = [
                {"person_id": str(person_id), "name": name, "id_number": number(id_number)}
                for person_id, name, id_number in self.people()
                if str(person_id) in wanted
            ]
            return {"items": named}
        if path == "/internal/application-pages":
            rows: list[Any] = [
                {**row, "id_number": row["id_number"] and number(row["id_number"])} for row in self.applications
            ]
        else:
            assert path == "/internal/roster-pages"
            rows = [self._rostered(person_id, name, number(id_number)) for person_id, name, id_number in self.people()]
        return self._page(rows, asked.get("after"))

    def _rostered(self, person_id: UUID, name: str, id_number: str) -> Mapping[str, Any]:
        return {
            "person_id": str(person_id),
            "name": name,
            "id_number": id_number,
            "sex_name": "女",
            "start_month": "2024-01",
            "stop_month": None,
            "status_name": "正常参保",
            "insurances": [title for _, title, _, _ in INSURANCES],
            "monthly_wage": "8000.00",
        }

    def _page(self, rows: list[Any], after: str | None) -> Mapping[str, Any]:
        start = int(after or "0")
        more = start + self.page_size < len(rows)
        return {"items": rows[start : start + self.page_size], "next": str(start + self.page_size) if more else None}

    def _employer(self, request: httpx.Request) -> httpx.Response:
        if away := self._note("employer", request):
            return away
        asked = request.url.params
        if request.url.path == "/internal/contribution-bases":
            wanted = json.loads(request.content)["person_ids"]
            bases = [{"person_id": person_id, "base": "7999.00"} for person_id in wanted[: self.page_size - 1]]
            return httpx.Response(200, json={"month": "2026-03", "items": bases})
        if request.url.path == "/internal/unit-facts":
            unit = {"employer_no": UNIT, "name": self.employer_name, "uscc": "91330200MA2A0B1C3J", "kind_name": "企业"}
            return httpx.Response(200, json=unit)
        months = Month.range(Month.parse(asked["from_month"]), Month.parse(asked["to_month"]))
        if request.url.path == "/internal/me/contributions":
            own = [self._row(month, insurance) for month in months for insurance in INSURANCES]
            return httpx.Response(200, json={"items": [{**row, "employer_no": self._payer(row)} for row in own]})
        if request.url.path == "/internal/contribution-sums":
            sums = [self._sum(month, one) for month in months for one in INSURANCES]
            return httpx.Response(200, json={"items": sums})
        people = [asked["person_id"]] if "person_id" in asked else [str(person_id) for person_id, _, _ in self.people()]
        rows = [
            {**self._row(month, insurance), "person_id": person_id}
            for month in months
            for person_id in people
            for insurance in INSURANCES
        ]
        return httpx.Response(200, json=self._page(rows, asked.get("after")))

    def _sum(self, month: Month, insurance: tuple[str, str, str, str]) -> Mapping[str, Any]:
        count, row = len(self.people()), self._row(month, insurance)
        summed = ("base", "employer_amount", "own_amount", "amount_total")
        totals = {name: str(Decimal(row[name]) * count) for name in summed}
        arrived = row["status"] == "1"
        return {
            **row,
            **totals,
            "people": count,
            "received": totals["amount_total"] if arrived else "0.00",
            "received_on": str(month.next().first_day()) if arrived else None,
        }

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
            "amount_total": str(Decimal(employers) + Decimal(own)),
            "status": "1" if month < self.unpaid else "0",
            "status_name": "已到账" if month < self.unpaid else "未到账",
        }


def _with(typed: str, said: Any) -> Any:
    """An answer with `typed` for each of its texts."""
    if isinstance(said, list):
        return [_with(typed, one) for one in said]
    if not isinstance(said, dict):
        return said
    typed_for = {name: [typed] if isinstance(value, list) else typed for name, value in said.items() if name in _TEXTS}
    return {name: _with(typed, value) for name, value in said.items()} | typed_for
