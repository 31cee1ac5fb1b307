"""Tokens by which report workers read `/internal` under somebody's authority (ADR 0006)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import Permission
from identity.accounts import repository as accounts
from identity.mandates import repository as mandates
from identity.sessions import rules
from servicekit.auth import INTERNAL_AUDIENCE, Claims, TokenSigner
from servicekit.ids import uuid7


async def delegate(
    tx: AsyncSession, signer: TokenSigner, account_id: UUID, employer_no: str, permission: Permission, *, now: datetime
) -> str:
    """A token by which a worker reads `/internal` for one account and unit, with one permission.

    Raises:
        NoMandate: the account is closed, or may not do this for the unit (any more).
    """
    account = await accounts.by_id(tx, account_id)
    authority = await mandates.authority(tx, account, employer_no) if account else None
    if account is None or authority is None or permission not in authority.permissions:
        raise rules.NoMandate
    return signer.mint(
        Claims(
            account_id=account.id,
            session_id=f"delegation:{uuid7()}",
            kind=account.kind,
            employer_no=employer_no,
            permissions=frozenset({permission}),
            via="delegation",
            audience=INTERNAL_AUDIENCE,
            issued_at=now,
            expires_at=now + rules.DELEGATION_LIFE,
        )
    )


async def delegate_for_person(tx: AsyncSession, signer: TokenSigner, account_id: UUID, *, now: datetime) -> str:
    """A token by which a worker reads `/internal` for an insured person: what is theirs, and nothing else.

    Raises:
        NotAPerson: the account is closed, or it is not known whose insurance it may see.
    """
    account = await accounts.by_id(tx, account_id)
    if account is None or account.kind != "person" or account.person_id is None:
        raise rules.NotAPerson
    return signer.mint(
        Claims(
            account_id=account.id,
            session_id=f"delegation:{uuid7()}",
            kind=account.kind,
            person_id=account.person_id,
            via="delegation",
            audience=INTERNAL_AUDIENCE,
            issued_at=now,
            expires_at=now + rules.DELEGATION_LIFE,
        )
    )
