"""Whose account a vouched-for identity opens: the linked one, the one of the same person, or a new one."""

from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts import repository as accounts
from identity.accounts.models import Account
from identity.accounts.service import chain_of, open_account
from identity.directory import service as directory
from identity.persons import service as persons
from identity.sso import repository, rules
from identity.sso.config import SsoMode, SsoProvider
from identity.sso.models import SsoLink
from identity.sso.port import Vouched
from servicekit import audit
from servicekit.auth import Principal
from servicekit.db.tx import vault_of
from servicekit.ids import uuid7
from servicekit.personal import Personal, Vault


@dataclass(frozen=True, slots=True)
class Match:
    """An account that an identity opens, and the link by which it does; None: it is found the first time."""

    account: Account
    link: SsoLink | None


def kind_of(vouched: Vouched, mode: SsoMode) -> SsoMode:
    """The kind of account that opens. A legal person's account used by somebody who is not its legal representative
    opens that somebody's agent account, and gives them no unit: mandates are granted in the hall, by the legal
    representative.
    """
    return "agent" if mode == "legal_representative" and vouched.by_operator else mode


def names_somebody(vouched: Vouched, kind: SsoMode) -> bool:
    """Whether the identity says enough to find an account of this kind, or to make one. If none opens all the same,
    there is one that may be somebody else's."""
    return (vouched.uscc if kind == "legal_representative" else vouched.id_number) is not None


async def account_for(
    tx: AsyncSession, provider: SsoProvider, vouched: Vouched, mode: SsoMode, *, now: datetime
) -> Match | None:
    """The account. None: somebody has to sign in to theirs once, then it is linked.

    Raises:
        UnitUnknown: the legal person is no insured unit's.
        AccountClosed: the account was closed.
        RepresentativeDiffers, PersonDiffers: the account is of somebody else.
        DocumentUnsupported: a legal person's operator without an ID number.
    """
    kind = kind_of(vouched, mode)
    subject = _subject(tx, provider, vouched, kind)
    await repository.serialise(tx, subject)
    known = await repository.link_of(tx, provider.key, subject, kind)
    if known is not None:
        account = await repository.account(tx, known.account_id)
        _check_open(account)
        _check_same(tx, vouched, account)
        return Match(account, known)
    unit_of = vouched.uscc if mode == "legal_representative" else None
    if unit_of is not None and not await directory.open_units(tx, unit_of):
        raise rules.UnitUnknown
    if kind == "legal_representative":
        found = await _representative(tx, vouched, now=now)
    else:
        found = await _person(tx, vouched, kind, now=now)
    return Match(found, None) if found is not None else None


async def use(tx: AsyncSession, provider: SsoProvider, vouched: Vouched, match: Match, *, now: datetime) -> None:
    """The account is opened: its link is used, or made now that all was shown which the account asks for.

    Raises:
        LinkedElsewhere, ModeNotOffered: see `link`.
    """
    if match.link is not None:
        await repository.use_link(tx, match.link.id, now)
    else:
        await link(tx, provider, vouched, match.account, by=None, now=now)


async def _representative(tx: AsyncSession, vouched: Vouched, *, now: datetime) -> Account | None:
    if vouched.uscc is None:
        return None
    await repository.serialise(tx, vault_of(tx).fingerprint("sso_uscc", vouched.uscc.encode()))
    account = await accounts.legal_representative_of(tx, vouched.uscc)
    if account is None:
        return await _create(tx, vouched, "legal_representative", now=now)
    _check_open(account)
    _check_same(tx, vouched, account)
    return account if _may_adopt(tx, account, vouched) else None


async def _person(tx: AsyncSession, vouched: Vouched, kind: SsoMode, *, now: datetime) -> Account | None:
    if vouched.id_number is None:
        if vouched.by_operator:
            raise rules.DocumentUnsupported  # the portal tells no usable number of the legal person's operator
        return None
    index = vault_of(tx).index("id_number", vouched.id_number)
    await repository.serialise(tx, index)
    same = await repository.accounts_of_person(tx, index, kind)
    living = [account for account in same if account.closed_at is None]
    if not same:
        return await _create(tx, vouched, kind, now=now)
    if not living:
        _check_open(same[0])
    # Of several only the owner can say which: they sign in to it once.
    return living[0] if len(living) == 1 and _may_adopt(tx, living[0], vouched) else None


def _may_adopt(tx: AsyncSession, account: Account, vouched: Vouched) -> bool:
    return rules.may_adopt(
        names_agree=rules.same_name(account.display_name, vouched.name),
        made_of_it=account.password_hash is None,
        mobiles_agree=_mobiles_agree(tx, account, vouched),
    )


def _mobiles_agree(tx: AsyncSession, account: Account, vouched: Vouched) -> bool | None:
    if vouched.mobile is None or account.mobile_index is None:
        return None
    return vault_of(tx).index("mobile", vouched.mobile) == account.mobile_index


def _vouches(tx: AsyncSession, vouched: Vouched, account: Account, *, asked_for: bool) -> bool:
    """Whether the identity says of an insured person's account that its ID number is its holder's."""
    if vouched.id_number is None or vault_of(tx).index("id_number", vouched.id_number) != account.id_number_index:
        return False
    agree = _mobiles_agree(tx, account, vouched)
    return rules.may_vouch(asked_for=asked_for, made_of_it=account.password_hash is None, mobiles_agree=agree)


async def _create(tx: AsyncSession, vouched: Vouched, kind: SsoMode, *, now: datetime) -> Account:
    """An account without a password. A later 忘记密码 may give it one."""
    if vouched.name is None:
        raise rules.ProviderFault
    account = Account(
        id=uuid7(),
        kind=kind,
        username=rules.new_username(),
        password_hash=None,
        display_name=vouched.name,
        uscc=vouched.uscc if kind == "legal_representative" else None,
        vouched=kind == "person" and vouched.id_number is not None,
        created_at=now,
    )
    if vouched.id_number is not None:
        account.keep_id_number(vault_of(tx).seal("id_number", vouched.id_number))
    if vouched.mobile is not None:
        account.keep_mobile(vault_of(tx).seal("mobile", vouched.mobile))
    try:
        await open_account(tx, account, kind)
        await persons.announce(tx, account)
    except (accounts.EmployerTaken, accounts.PersonTaken) as taken:  # somebody registers it at this very moment
        raise rules.HallBusy from taken
    return account


async def link(
    tx: AsyncSession, provider: SsoProvider, vouched: Vouched, account: Account, *, by: Principal | None, now: datetime
) -> SsoLink:
    """Links the identity to the account. `by` is who asked for it; None: the identity is found to be the account's.

    Raises:
        ModeNotOffered: the provider is not for accounts of this kind.
        PersonDiffers, RepresentativeDiffers: both are known, and of different people or legal persons.
        LinkedElsewhere: the identity opens another account of this kind.
    """
    operator = vouched.by_operator and account.kind == "agent"
    if not operator and account.kind not in provider.modes:
        raise rules.ModeNotOffered
    if by is not None:
        _check_same(tx, vouched, account)
    made = SsoLink(
        id=uuid7(),
        provider=provider.key,
        subject_index=_subject(tx, provider, vouched, account.kind),
        kind=account.kind,
        account_id=account.id,
        linked_at=now,
        last_used_at=now,
    )
    try:
        await repository.put_link(tx, made)
    except repository.SubjectTaken as taken:
        raise rules.LinkedElsewhere from taken
    if account.kind == "person" and _vouches(tx, vouched, account, asked_for=by is not None):
        await persons.vouch(tx, account)
    facts = {"provider": provider.key, "level": vouched.level}
    await audit.record(tx, by, "sso.linked", str(account.id), chain=chain_of(account), facts=facts)
    return made


def _check_same(tx: AsyncSession, vouched: Vouched, account: Account) -> None:
    """Whether account and identity may be the same person's, by all that both know.

    Raises:
        PersonDiffers, RepresentativeDiffers: they are not.
    """
    number = vault_of(tx).index("id_number", vouched.id_number) if vouched.id_number is not None else None
    other_person = None not in (number, account.id_number_index) and number != account.id_number_index
    if account.kind == "legal_representative" and vouched.uscc is not None:
        if account.uscc != vouched.uscc or other_person or not rules.same_name(account.display_name, vouched.name):
            raise rules.RepresentativeDiffers(account_id=account.id)
    elif other_person:
        raise rules.PersonDiffers(account_id=account.id)


def _check_open(account: Account) -> None:
    if account.closed_at is not None:
        raise rules.AccountClosed(account_id=account.id)


def _subject(tx: AsyncSession, provider: SsoProvider, vouched: Vouched, kind: str) -> bytes:
    """The blind index of who it is at the provider. A legal person's account has one operator today and another
    tomorrow: theirs is named by the ID number as well."""
    operator = vouched.id_number.reveal() if kind == "agent" and vouched.by_operator and vouched.id_number else ""
    return vault_of(tx).fingerprint("sso_subject", f"{provider.key}\0{vouched.subject}\0{operator}".encode())


def sealed(vault: Vault, vouched: Vouched) -> bytes:
    """What a provider vouched for, to be kept for some minutes."""
    content = {
        "subject": vouched.subject,
        "level": vouched.level,
        "name": vouched.name,
        "id_number": vouched.id_number.reveal() if vouched.id_number else None,
        "mobile": vouched.mobile.reveal() if vouched.mobile else None,
        "uscc": vouched.uscc,
        "representative": vouched.representative,
    }
    return vault.seal("id_number", orjson.dumps(content).decode()).ciphertext


def restored(vault: Vault, ciphertext: bytes) -> Vouched:
    """The reverse of `sealed`."""
    content = orjson.loads(vault.open("id_number", ciphertext).reveal())
    for kind in ("id_number", "mobile"):
        content[kind] = Personal(content[kind], kind) if content[kind] else None
    return Vouched(**content)
