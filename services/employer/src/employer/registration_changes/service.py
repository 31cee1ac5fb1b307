"""Use cases of 单位信息变更. Each works in the caller's transaction and never commits."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import ChangeRequested
from contracts.values.identifiers import IdentifierFault, check_uscc, normalise_identifier
from employer.contacts.rules import read_document
from employer.registration_changes import files, repository, rules
from employer.registration_changes.attachments import check_attachment
from employer.registration_changes.models import ChangeAttachment, RegistrationChange
from employer.registration_changes.schemas import AttachmentOut, ChangeForm, ChangeOut, DisclosureForm, DisclosureOut
from employer.registration_changes.state import Registered, shown
from employer.resources import attachments_of
from employer.units import repository as units
from employer.units.rules import KindUnknown
from servicekit import audit, disclosing, outbox
from servicekit.auth import Clerk, PermissionMissing, Reviewer
from servicekit.db.tx import vault_of
from servicekit.ids import uuid7
from servicekit.personal import Personal
from servicekit.refusals import FieldFault, InvalidFields, NotFound


async def upload(tx: AsyncSession, clerk: Clerk, name: str, content: bytes, *, now: datetime) -> AttachmentOut:
    """Keeps a file for a request that is to come.

    Raises:
        InvalidFields: it is no PDF, JPEG or PNG, or not only that, or too large.
        TooManyLoose: the unit has many files that no request took.
    """
    media_type = check_attachment(name, content)
    if await repository.count_loose(tx, clerk.employer_no) >= rules.MAX_LOOSE:
        raise rules.TooManyLoose
    attachment = ChangeAttachment(
        id=uuid7(),
        employer_no=clerk.employer_no,
        change_id=None,
        position=None,
        file_name=name,
        media_type=media_type,
        size=len(content),
        digest="",
        uploaded_by=clerk.account_id,
        uploaded_at=now,
    )
    attachment.digest = await files.put(attachments_of(tx), attachment.id, content)
    tx.add(attachment)
    await tx.flush()
    facts = {"media_type": media_type, "size": len(content)}
    await audit.record(tx, clerk, "attachment.uploaded", str(attachment.id), chain=clerk.employer_no, facts=facts)
    return AttachmentOut.model_validate(attachment)


async def discard(tx: AsyncSession, clerk: Clerk, attachment_id: UUID) -> None:
    """Removes an uploaded file that no request took.

    Raises:
        AttachmentNotFound, AttachmentUsed.
    """
    found = (await repository.lock_attachments(tx, clerk.employer_no, [attachment_id])).get(attachment_id)
    if found is None:
        raise rules.AttachmentNotFound
    if found.change_id is not None:
        raise rules.AttachmentUsed
    await tx.delete(found)
    await tx.flush()
    # Should the commit fail after this, the row names a content that is gone; nothing of a request is lost.
    await files.remove(attachments_of(tx), found)
    await audit.record(tx, clerk, "attachment.discarded", str(attachment_id), chain=clerk.employer_no)


async def submit(tx: AsyncSession, clerk: Clerk, form: ChangeForm, *, today: date, now: datetime) -> ChangeOut:
    """Asks for a change; enrollment takes it into the review queue when it hears of it.

    Raises:
        UnitNotOpen, ChangePending, NothingChanges, OfTheRegister, KindUnknown.
        InvalidFields: with every fault of the form.
    """
    unit = await units.lock(tx, clerk.employer_no)
    if unit is None:
        raise NotFound
    if unit.status != "open":
        raise rules.UnitNotOpen
    if await repository.pending(tx, clerk.employer_no) is not None:
        raise rules.ChangePending
    registered = await Registered.of(tx, clerk.employer_no)
    wanted = _wanted(form, registered, today=today)
    rules.check_count(len(set(form.attachments)))
    fields = rules.changed_fields(registered.facts, wanted)
    if "kind" in fields and await units.kind(tx, wanted["kind"] or "") is None:
        raise KindUnknown(wanted["kind"] or "")
    rules.check_of_the_register(fields, virtual=unit.virtual, kind=wanted.get("kind") or unit.kind)
    attachments = await _taken(tx, clerk, form.attachments)
    change = RegistrationChange(
        id=uuid7(),
        employer_no=clerk.employer_no,
        status="pending",
        fields=fields,
        before={field: shown(registered.facts)[field] for field in fields},
        after={field: shown(wanted)[field] for field in fields},
        id_number=_sealed(tx, wanted[rules.ID_NUMBER]) if rules.ID_NUMBER in fields else None,
        remark=form.remark or None,
        requested_by=clerk.account_id,
        requested_at=now,
    )
    await repository.add(tx, change)
    for position, attachment in enumerate(attachments, start=1):
        attachment.change_id, attachment.position = change.id, position
    await tx.flush()
    facts = {"fields": fields, "attachments": len(attachments)}
    await audit.record(tx, clerk, "change.requested", str(change.id), chain=clerk.employer_no, facts=facts)
    await outbox.add(
        tx,
        ChangeRequested(
            change_id=change.id,
            employer_no=clerk.employer_no,
            requested_by=clerk.account_id,
            requested_at=now,
            fields=tuple(fields),
        ),
    )
    return ChangeOut.of(change, attachments, present=shown(registered.facts))


def _wanted(form: ChangeForm, registered: Registered, *, today: date) -> dict[str, str | None]:
    """The facts that the form names, normalised."""
    faults: list[FieldFault] = []
    wanted: dict[str, str | None] = {}
    for field in ("name", "kind", "address"):
        value: str | None = getattr(form, field)
        if value is not None:
            wanted[field] = value
    if form.uscc:
        wanted["uscc"] = normalise_identifier(form.uscc)
        if wanted["uscc"] != registered.facts["uscc"]:  # a virtual unit's own code passes no check
            try:
                wanted["uscc"] = check_uscc(form.uscc)
            except IdentifierFault as fault:
                faults.append(FieldFault("/uscc", fault.code, fault.message))
    if form.legal_representative is not None:
        person = form.legal_representative
        wanted["legal_representative"] = person.name
        wanted["legal_representative_id_type"] = person.id_type
        wanted[rules.ID_NUMBER] = read_document(
            person.id_type,
            person.id_number.reveal(),
            faults,
            today=today,
            type_pointer="/legal_representative/id_type",
            number_pointer="/legal_representative/id_number",
        )
    if faults:
        raise InvalidFields(faults)
    return wanted


async def _taken(tx: AsyncSession, clerk: Clerk, ids: Sequence[UUID]) -> list[ChangeAttachment]:
    """The unit's uploaded files of these ids, in this order, locked.

    Raises:
        InvalidFields: one isn't there, or belongs to a request already.
    """
    found = await repository.lock_attachments(tx, clerk.employer_no, ids)
    faults = [
        FieldFault(f"/attachments/{place}", "attachment_not_found", "附件不存在或已过期，请重新上传")
        for place, one in enumerate(ids)
        if one not in found or found[one].change_id is not None
    ]
    if faults:
        raise InvalidFields(faults)
    return [found[one] for one in dict.fromkeys(ids)]


def _sealed(tx: AsyncSession, number: str | None) -> bytes | None:
    if number is None:
        return None
    return vault_of(tx).seal("id_number", Personal(number, "id_number")).ciphertext


def _check_may_see(clerk: Clerk) -> None:
    # Those who ask for changes, and those who look up what became of them.
    if not (clerk.may("query") or clerk.may("maintain")):
        raise PermissionMissing("query")


async def page(tx: AsyncSession, clerk: Clerk, *, offset: int, limit: int) -> tuple[list[ChangeOut], int]:
    """The unit's requests, newest first.

    Raises:
        PermissionMissing.
    """
    _check_may_see(clerk)
    changes, total = await repository.page(tx, clerk.employer_no, offset=offset, limit=limit)
    attached = await repository.attachments_of(tx, [change.id for change in changes])
    return [
        await _out(tx, change, [one for one in attached if one.change_id == change.id]) for change in changes
    ], total


async def show(tx: AsyncSession, clerk: Clerk, change_id: UUID) -> ChangeOut:
    """One request of the unit.

    Raises:
        PermissionMissing, ChangeNotFound.
    """
    _check_may_see(clerk)
    return await _shown(tx, change_id)


async def show_to_reviewer(tx: AsyncSession, reviewer: Reviewer, change_id: UUID) -> ChangeOut:
    """One request of any unit. Audited, in the reviewer's own chain.

    Raises:
        ChangeNotFound.
    """
    change = await _shown(tx, change_id)
    await audit.record(tx, reviewer, "change.viewed", str(change_id), chain=f"account:{reviewer.account_id}")
    return change


async def _shown(tx: AsyncSession, change_id: UUID) -> ChangeOut:
    change = await repository.get(tx, change_id)
    if change is None:
        raise rules.ChangeNotFound
    return await _out(tx, change, await repository.attachments_of(tx, [change.id]))


async def _out(tx: AsyncSession, change: RegistrationChange, attachments: Sequence[ChangeAttachment]) -> ChangeOut:
    pending = change.status == "pending"
    present = shown((await Registered.of(tx, change.employer_no)).facts) if pending else None
    return ChangeOut.of(change, attachments, present=present)


async def content(
    tx: AsyncSession, asker: Clerk | Reviewer, change_id: UUID, attachment_id: UUID
) -> tuple[ChangeAttachment, bytes]:
    """An attachment of a request with its content. Audited.

    Raises:
        PermissionMissing, AttachmentNotFound, AttachmentLost.
    """
    if isinstance(asker, Clerk):
        _check_may_see(asker)
    attachment = await repository.attachment(tx, change_id, attachment_id)
    if attachment is None:
        raise rules.AttachmentNotFound
    found = await files.get(attachments_of(tx), attachment)
    chain = asker.employer_no if isinstance(asker, Clerk) else f"account:{asker.account_id}"
    await audit.record(tx, asker, "attachment.viewed", str(attachment_id), chain=chain)
    return attachment, found


async def disclose(
    tx: AsyncSession, reviewer: Reviewer, change_id: UUID, form: DisclosureForm, *, now: datetime
) -> DisclosureOut:
    """The new identity number of the legal representative in full. Audited.

    Raises:
        ChangeNotFound.
        StepUpRequired, StepUpImpossible: see `check_stepped_up`.
    """
    change = await repository.get(tx, change_id)
    if change is None:
        raise rules.ChangeNotFound
    subject = disclosing.Subject(
        "change.revealed",
        str(change_id),
        f"account:{reviewer.account_id}",
        {rules.ID_NUMBER: ("id_number", change.id_number)},
    )
    return DisclosureOut(**await disclosing.disclose(tx, reviewer, subject, form.fields, now=now))
