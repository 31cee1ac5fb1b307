"""Use cases of the second factor: enrolling, using a code, turning off."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.models import Account
from identity.accounts.service import chain_of
from identity.second_factor import repository, rules
from identity.second_factor.models import SecondFactor
from servicekit import audit
from servicekit.auth import Principal
from servicekit.db.tx import vault_of
from servicekit.personal import Vault

STAFF_KINDS = ("reviewer", "operator")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret for the app to keep, and the address that its QR code says."""

    secret: str
    uri: str


async def confirmed(tx: AsyncSession, account_id: UUID, *, lock: bool = False) -> SecondFactor | None:
    """The second factor of an account, if it is in use."""
    factor = await repository.factor(tx, account_id, lock=lock)
    return factor if factor is not None and factor.secret is not None else None


async def use_code(tx: AsyncSession, account: Account, factor: SecondFactor, typed: str, *, now: datetime) -> bool:
    """Whether a dynamic code or a recovery code is right; it is used up then. Take `factor` with its lock."""
    assert factor.secret is not None  # noqa: S101 - confirmed factors have one
    recovery = rules.read_recovery_code(typed)
    if recovery is not None:
        used = await repository.use_recovery_code(tx, account.id, _digest(tx, account.id, recovery), now)
        if used:
            await audit.record(tx, None, "second_factor.recovery_code_used", str(account.id), chain=chain_of(account))
        return used
    step = rules.matching_step(_opened(tx, factor.secret), typed, now=now, last_step=factor.last_step)
    if step is None:
        return False
    factor.last_step = step
    return True


async def begin_enrolment(tx: AsyncSession, account: Account, *, now: datetime) -> Enrolment:
    """A new secret, which counts once a code of it was shown. One in use stays in use until then."""
    secret = rules.new_secret()
    factor = await repository.factor(tx, account.id, lock=True)
    if factor is None:
        factor = SecondFactor(account_id=account.id, last_step=0)
        repository.add(tx, factor)
    factor.pending, factor.pending_at = _sealed(tx, secret), now
    return Enrolment(secret, rules.uri_of(secret, account.username))


async def confirm_enrolment(
    tx: AsyncSession, who: Principal, account: Account, code: str, *, now: datetime
) -> list[str]:
    """Takes the new secret into use and gives new recovery codes, which are shown this once.

    Raises:
        NoEnrolment: none has begun, or long ago.
        WrongEnrolmentCode: the code is not one of the new secret.
    """
    factor = await repository.factor(tx, account.id, lock=True)
    if (
        factor is None
        or factor.pending is None
        or factor.pending_at is None
        or now - factor.pending_at >= rules.ENROLMENT_LIFE
    ):
        raise rules.NoEnrolment
    step = rules.matching_step(_opened(tx, factor.pending), code, now=now, last_step=0)
    if step is None:
        raise rules.WrongEnrolmentCode
    enrol(factor, factor.pending, step=step, now=now)
    codes = await _new_recovery_codes(tx, account)
    await audit.record(tx, who, "second_factor.enrolled", str(account.id), chain=chain_of(account))
    return codes


def enrol(factor: SecondFactor, sealed: bytes, *, step: int, now: datetime) -> None:
    """Takes a secret into use."""
    factor.secret, factor.confirmed_at, factor.last_step = sealed, now, step
    factor.pending = factor.pending_at = None


async def new_recovery_codes(tx: AsyncSession, who: Principal, account: Account) -> list[str]:
    """Ten new codes in place of those that were left.

    Raises:
        NotEnrolled: there is no second factor to stand in for.
    """
    if await confirmed(tx, account.id) is None:
        raise rules.NotEnrolled
    codes = await _new_recovery_codes(tx, account)
    await audit.record(tx, who, "second_factor.recovery_codes_made", str(account.id), chain=chain_of(account))
    return codes


async def turn_off(tx: AsyncSession, who: Principal, account: Account) -> None:
    """Does without from now on.

    Raises:
        StaffNeedIt: agency staff can't.
        PasswordTooShort: the password alone would not do.
        NotEnrolled: there is none.
    """
    if account.kind in STAFF_KINDS:
        raise rules.StaffNeedIt
    if await confirmed(tx, account.id) is None:
        raise rules.NotEnrolled
    if account.password_is_short:
        raise rules.PasswordTooShort
    await repository.remove(tx, account.id)
    await audit.record(tx, who, "second_factor.turned_off", str(account.id), chain=chain_of(account))


async def _new_recovery_codes(tx: AsyncSession, account: Account) -> list[str]:
    codes = rules.new_recovery_codes()
    readable = ((rules.read_recovery_code(code) or "") for code in codes)
    await repository.replace_recovery_codes(tx, account.id, [_digest(tx, account.id, code) for code in readable])
    return codes


def _digest(tx: AsyncSession, account_id: UUID, code: str) -> bytes:
    return vault_of(tx).fingerprint("recovery_code", account_id.bytes + code.encode())


def _sealed(tx: AsyncSession, secret: str) -> bytes:
    return seal_secret(vault_of(tx), secret)


def _opened(tx: AsyncSession, sealed: bytes) -> str:
    return vault_of(tx).open("mobile", sealed).reveal()


def seal_secret(vault: Vault, secret: str) -> bytes:
    """A secret as it is stored. The vault has no kind for it: like the text messages it goes under that of mobiles."""
    return vault.seal("mobile", secret).ciphertext
