"""职工参保证明, for one person or for many in one file."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile

from contracts.values.month import Month
from reporting.documents.insurance_certificate import content
from reporting.documents.insurance_certificate.content import Contribution, Coverage, Facts
from reporting.documents.pieces import Issue
from reporting.rendering.pool import Rendered
from reporting.reports.kinds import KINDS
from reporting.reports.schemas import ReportForm
from reporting.reports.tasks import IssuedDocument, Made, Task, digest_of, person_of
from reporting.sources import PeopleUnknown, PersonUnknown
from reporting.sources.client import ContributionFacts, CoverageFacts

_RECEIVED = "1"
_AT_ONCE = 4
"""People whose facts are read, or whose page waits for a rendering process, at the same time."""


@dataclass(frozen=True)
class _Page:
    """One person's certificate, not signed yet."""

    facts: Facts
    issue: Issue
    rendered: Rendered

    def issued(self, sha256: str | None = None) -> IssuedDocument:
        return IssuedDocument(self.issue, content.TITLE, content.verified_facts(self.facts), sha256)


async def one(task: Task) -> Made:
    """For one person."""
    facts = await _facts(task, person_of(task.form))
    await task.step()
    (issue,) = await task.issues(1)
    page = await _set(task, facts, issue)
    await task.step()
    pdf = await task.resources.signer.sign(page.rendered.pdf)
    months = f"{facts.from_month.compact()}-{facts.to_month.compact()}"
    label = f"{KINDS[task.form.kind].title}（{facts.name}，{months}）"
    return Made(pdf, label, "pdf", [page.issued()], page.rendered.pages, 1, page.rendered.milliseconds)


async def many(task: Task) -> Made:
    """For many people: one PDF, or an archive of one for each.

    Raises:
        PeopleUnknown: with everybody who isn't the unit's: whoever hands out certificates counts on having all of them.
    """
    form = task.form
    assert isinstance(form, ReportForm) and form.person_ids  # noqa: S101, PT018 - the rules have seen to it
    people = list(dict.fromkeys(form.person_ids))
    issues = await task.issues(len(people))
    places = asyncio.Semaphore(_AT_ONCE)
    unknown: set[UUID] = set()

    async def made(person_id: UUID, issue: Issue) -> _Page | None:
        async with places:
            try:
                facts = await _facts(task, person_id)
            except PersonUnknown:
                unknown.add(person_id)
            # Once somebody is missing, only who else is, is of interest.
            page = None if unknown else await _set(task, facts, issue)
            await task.step()
            return page

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(made(person_id, issue)) for person_id, issue in zip(people, issues, strict=True)]
    if unknown:
        where = [place for place, person_id in enumerate(form.person_ids, 1) if person_id in unknown]
        raise PeopleUnknown(where, len(form.person_ids))
    pages = [page for one in tasks if (page := one.result()) is not None]
    months = f"{form.from_month and form.from_month.compact()}-{form.to_month and form.to_month.compact()}"
    label = f"职工参保证明（{len(pages)} 人，{months}）"
    count = sum(page.rendered.pages for page in pages)
    spent = sum(page.rendered.milliseconds for page in pages)
    if form.packing == "zip":
        signed = [await task.resources.signer.sign(page.rendered.pdf) for page in pages]
        archive = await asyncio.to_thread(_archive, pages, signed)
        documents = [page.issued(digest_of(pdf)) for page, pdf in zip(pages, signed, strict=True)]
        return Made(archive, label, "zip", documents, count, len(pages), spent)
    merged = await asyncio.to_thread(_merged, pages)
    pdf = await task.resources.signer.sign(merged)
    return Made(pdf, label, "pdf", [page.issued() for page in pages], count, len(pages), spent)


async def _set(task: Task, facts: Facts, issue: Issue) -> _Page:
    rendered = await task.resources.renderers.render("insurance_certificate", content.compose(facts, issue))
    return _Page(facts, issue, rendered)


async def _facts(task: Task, person_id: UUID) -> Facts:
    """What the certificate of a person says. Raises PersonUnknown."""
    if task.run.employer_no is None:
        return await _own_facts(task, person_id)
    first, last = _months(task)
    person = await task.reader.certificate_facts(person_id)
    if person.employer_no != task.run.employer_no:  # enrollment would be wrong; the document must not be
        raise PersonUnknown
    rows = await task.reader.contributions_of(person_id, first, last)
    rows.sort(key=lambda row: (row.month, row.insurance))
    return Facts(
        name=person.name,
        id_type=person.id_type,
        id_number=person.id_number,
        employer_no=person.employer_no,
        employer_name=person.employer_name,
        coverages=_coverages(person.coverages),
        contributions=_contributions(rows),
        from_month=first,
        to_month=last,
        as_of=task.as_of,
    )


async def _own_facts(task: Task, person_id: UUID) -> Facts:
    """The same for an insured person who asks about themselves: what every unit pays for them."""
    first, last = _months(task)
    person = await task.reader.own_certificate_facts()
    if person.person_id != person_id:  # the account is recognised as somebody else by now
        raise PersonUnknown
    rows = sorted(
        await task.reader.own_contributions(first, last),
        key=lambda row: (row.month, row.insurance, row.employer_no),
    )
    # Whoever pays in the range, and without anybody who does the newest unit.
    paying = {row.employer_no for row in rows}
    employers = [unit for unit in person.employers if unit.employer_no in paying] or person.employers[:1]
    return Facts(
        name=person.name,
        id_type=person.id_type,
        id_number=person.id_number,
        employer_no="、".join(unit.employer_no for unit in employers) or "—",
        employer_name="、".join(unit.name for unit in employers) or "无参保单位",
        coverages=_coverages(person.coverages),
        contributions=_contributions(rows),
        from_month=first,
        to_month=last,
        as_of=task.as_of,
    )


def _coverages(coverages: Sequence[CoverageFacts]) -> list[Coverage]:
    return [
        Coverage(coverage.insurance_name, coverage.first_month, coverage.status_name)
        for coverage in sorted(coverages, key=lambda coverage: coverage.insurance)
    ]


def _contributions(rows: Sequence[ContributionFacts]) -> list[Contribution]:
    return [
        Contribution(
            row.month,
            row.insurance_name,
            row.base,
            row.employer_amount,
            row.own_amount,
            row.status_name,
            received=row.status == _RECEIVED,
        )
        for row in rows
    ]


def _months(task: Task) -> tuple[Month, Month]:
    first, last = task.form.from_month, task.form.to_month
    assert first is not None and last is not None  # noqa: S101, PT018 - the rules have seen to it
    return first, last


def _merged(pages: Sequence[_Page]) -> bytes:
    """One PDF of many, with a bookmark for each person. Each keeps its own page numbers: it is a document of its own.

    What makes the first PDF/A (metadata, output intent, language) stands for the whole, less what says which it is.
    """
    import pikepdf

    out = BytesIO()
    with pikepdf.open(BytesIO(pages[0].rendered.pdf)) as whole:
        del whole.docinfo["/Subject"]
        with whole.open_metadata(set_pikepdf_as_editor=False) as metadata:
            del metadata["dc:description"]
        starts = [0]
        for page in pages[1:]:
            starts.append(len(whole.pages))
            with pikepdf.open(BytesIO(page.rendered.pdf)) as part:
                whole.pages.extend(part.pages)
        with whole.open_outline() as outline:
            outline.root[:] = [
                pikepdf.OutlineItem(page.facts.name, start) for page, start in zip(pages, starts, strict=True)
            ]
        whole.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _archive(pages: Sequence[_Page], signed: Sequence[bytes]) -> bytes:
    """A file for each person, named by number and name."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for place, (page, pdf) in enumerate(zip(pages, signed, strict=True), 1):
            name = "".join(sign for sign in page.facts.name if sign.isalnum() or sign in "·-")
            archive.writestr(f"{place:03d}_{name}_{page.issue.number}.pdf", pdf)
    return out.getvalue()
