"""SQL of single sign-on."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.models import Account
from identity.sso.models import SsoAttempt, SsoLink
from servicekit.db.taken import unless_taken


class SubjectTaken(Exception):
    """The provider's account opens another account of ours."""


async def serialise(tx: AsyncSession, key: bytes) -> None:
    """One at a time for a person, a legal person or an address, until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(int.from_bytes(key[:8], "big", signed=True))))


async def attempts_of(tx: AsyncSession, client: bytes, since: datetime) -> int:
    """How many attempts an address has begun since then."""
    query = select(func.count()).select_from(SsoAttempt)
    return await tx.scalar(query.where(SsoAttempt.client == client, SsoAttempt.began_at > since)) or 0


def add_attempt(tx: AsyncSession, attempt: SsoAttempt) -> None:
    """Writes a new attempt."""
    tx.add(attempt)


async def attempt_of(tx: AsyncSession, digest: bytes, *, lock: bool = False) -> SsoAttempt | None:
    """The attempt of a cookie; with `lock` nobody else works on it before this transaction ends."""
    query = select(SsoAttempt).where(SsoAttempt.digest == digest)
    return (await tx.scalars(query.with_for_update() if lock else query)).one_or_none()


async def attempt(tx: AsyncSession, attempt_id: UUID) -> SsoAttempt:
    """An attempt that is known to be there, locked."""
    query = select(SsoAttempt).where(SsoAttempt.id == attempt_id).with_for_update()
    return (await tx.scalars(query, execution_options={"populate_existing": True})).one()


async def forget_attempts(tx: AsyncSession, *, before: datetime) -> None:
    """Deletes attempts that were over by then."""
    await tx.execute(delete(SsoAttempt).where(SsoAttempt.expires_at < before))


async def accounts_of_person(tx: AsyncSession, id_number_index: bytes, kind: str) -> Sequence[Account]:
    """All accounts of a kind with an ID number, closed ones too; the oldest first."""
    query = select(Account).where(Account.id_number_index == id_number_index, Account.kind == kind)
    return (await tx.scalars(query.order_by(Account.created_at, Account.id))).all()


async def account(tx: AsyncSession, account_id: UUID) -> Account:
    """An account that is known to be there, open or closed."""
    return (await tx.scalars(select(Account).where(Account.id == account_id))).one()


async def link_of(tx: AsyncSession, provider: str, subject_index: bytes, kind: str) -> SsoLink | None:
    """The link of a provider's account to one of ours of this kind."""
    query = select(SsoLink).where(
        SsoLink.provider == provider, SsoLink.subject_index == subject_index, SsoLink.kind == kind
    )
    return (await tx.scalars(query)).one_or_none()


async def links_of(tx: AsyncSession, account_id: UUID) -> Sequence[SsoLink]:
    """The links of an account, by provider."""
    query = select(SsoLink).where(SsoLink.account_id == account_id).order_by(SsoLink.provider)
    return (await tx.scalars(query)).all()


async def put_link(tx: AsyncSession, link: SsoLink) -> None:
    """Writes a link in place of the one that the account had at this provider.

    Raises:
        SubjectTaken: the provider's account opens another account of ours.
    """
    values = {
        "id": link.id,
        "provider": link.provider,
        "subject_index": link.subject_index,
        "kind": link.kind,
        "account_id": link.account_id,
        "linked_at": link.linked_at,
        "last_used_at": link.last_used_at,
    }
    written = insert(SsoLink).values(values)
    written = written.on_conflict_do_update(
        index_elements=[SsoLink.account_id, SsoLink.provider],
        set_={name: written.excluded[name] for name in ("subject_index", "linked_at", "last_used_at")},
    )
    async with unless_taken(tx, {"uq_sso_links_subject": SubjectTaken}):
        await tx.execute(written)


async def use_link(tx: AsyncSession, link_id: UUID, now: datetime) -> None:
    """Notes that a link was used."""
    await tx.execute(update(SsoLink).where(SsoLink.id == link_id).values(last_used_at=now))


async def remove_link(tx: AsyncSession, account_id: UUID, link_id: UUID) -> str | None:
    """Deletes a link of an account; its provider, or None when there was none."""
    gone = await tx.execute(
        delete(SsoLink).where(SsoLink.id == link_id, SsoLink.account_id == account_id).returning(SsoLink.provider)
    )
    return gone.scalar_one_or_none()
