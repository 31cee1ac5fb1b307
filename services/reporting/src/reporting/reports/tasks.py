"""What the making of a report works with, and what it comes to."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from reporting.documents import repository as documents
from reporting.documents.pieces import Issue
from reporting.reports import rules
from reporting.reports.kinds import KINDS, FileType
from reporting.reports.payload import form_of
from reporting.reports.schemas import AskedForm
from reporting.resources import Resources, resources_in
from reporting.settings import ReportingSettings
from reporting.sources import AuthorityGone, Reader
from reporting.verification.codes import new_code
from servicekit.clock import BUSINESS_ZONE
from servicekit.db.tx import Scope, begin
from servicekit.jobs import JobRun


@dataclass(frozen=True)
class IssuedDocument:
    """A document that was made: what the finishing transaction writes of it."""

    issue: Issue
    title: str
    facts: Mapping[str, Any]
    sha256: str | None = None
    """Of its own PDF, where the file holds several; else that of the file."""


@dataclass(frozen=True)
class Made:
    """A finished file. `label` is its name, without what it ends in."""

    content: bytes
    label: str
    type: FileType
    documents: Sequence[IssuedDocument] = ()
    pages: int = 0
    rows: int = 0
    milliseconds: float = 0.0

    def result(self, issued_at: datetime, digest: str) -> dict[str, Any]:
        """What `making.finish` needs. No full personal data but the label, which goes into the row of the file."""
        return {
            "label": self.label,
            "type": self.type,
            "sha256": digest,
            "size": len(self.content),
            "pages": self.pages,
            "rows": self.rows,
            "render_ms": round(self.milliseconds, 1),
            "issued_at": issued_at.isoformat(),
            "documents": [
                {
                    "number": one.issue.number,
                    "code": one.issue.code,
                    "title": one.title,
                    "facts": dict(one.facts),
                    "valid_until": one.issue.valid_until.isoformat(),
                    "sha256": one.sha256 or digest,
                }
                for one in self.documents
            ],
        }


@dataclass(frozen=True)
class Task:
    """One attempt at a report."""

    run: JobRun
    form: AskedForm
    reader: Reader
    as_of: datetime
    """In local (business) time."""
    issued_at: datetime
    done: list[int] = field(default_factory=lambda: [0])

    @classmethod
    def of(cls, run: JobRun) -> "Task":
        """Of a job's attempt. Raises AuthorityGone: nobody stands behind it."""
        if run.requested_by is None:
            raise AuthorityGone
        clock = run.runtime.clock
        permission = KINDS[run.payload["kind"]].permission
        return cls(
            run,
            form_of(run.payload, run.runtime.vault),
            Reader(resources_in(run.runtime).sources, run.requested_by, run.employer_no, permission),
            # The business date may be held still (demonstrations); the document must not show two days.
            datetime.combine(clock.today(), clock.now().astimezone(BUSINESS_ZONE).time()),
            clock.now(),
        )

    @property
    def resources(self) -> Resources:
        """Clients, store, rendering processes, signer."""
        return resources_in(self.run.runtime)

    async def step(self, steps: int = 1) -> None:
        """So many steps further. Raises LeaseLost."""
        self.done[0] += steps
        await self.run.progress(self.done[0])

    async def issues(self, count: int) -> list[Issue]:
        """Numbers and codes for so many documents."""
        settings = cast("ReportingSettings", self.run.runtime.settings)
        today = self.run.runtime.clock.today()
        async with begin(self.run.runtime, scope=Scope.system()) as tx:
            numbers = await documents.next_numbers(tx, count)
        codes = [new_code() for _ in numbers]
        return [
            Issue(
                number=rules.document_number(today, number),
                code=code,
                verify_url=settings.verify_url(code),
                agency=settings.agency_name,
                issued_on=today,
                valid_until=rules.valid_until(today),
            )
            for number, code in zip(numbers, codes, strict=True)
        ]


def digest_of(content: bytes) -> str:
    """The name of a file in the store, and what its verification compares."""
    return hashlib.sha256(content).hexdigest()


def person_of(form: AskedForm) -> UUID:
    """The person a form is about; the rules have seen that there is one."""
    return cast("UUID", form.person_id)
