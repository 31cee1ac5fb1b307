"""Synthetic accounts of the demo: one legal representative, one agent of four units, the agency's staff."""

from dataclasses import dataclass
from typing import get_args
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import AccountKind, Permission
from identity.accounts import repository
from identity.accounts import service as accounts
from identity.accounts.models import Account
from identity.mandates import service as mandates
from servicekit.db.tx import Scope, begin, clock_of, vault_of
from servicekit.runtime import Runtime

PASSWORD = "Yongjiang-demo-2026"  # noqa: S105 - printed on the demo's banner; the profiles with it hold no real data


@dataclass(frozen=True)
class DemoAccount:
    """An account to make. ID numbers and mobiles are well-formed and nobody's."""

    username: str
    kind: AccountKind
    name: str
    uscc: str | None = None
    id_number: str | None = None
    mobile: str | None = None
    units: tuple[str, ...] = ()

    @property
    def id(self) -> UUID:
        """The same in every demo."""
        return uuid5(NAMESPACE_URL, f"urn:hall:demo-account:{self.username}")


ACCOUNTS = (
    DemoAccount(
        "yongjiang",
        "legal_representative",
        "江涌",
        uscc="91330200MA2A0B1C3J",
        id_number="330203199003071232",
        mobile="13800570101",
    ),
    DemoAccount(
        "jingban01",
        "agent",
        "林知夏",
        id_number="330282198512310028",
        mobile="13800570102",
        units=("330200000000000101", "330200000000000102", "330200000000000401", "330200000000000501"),
    ),
    DemoAccount("shenhe01", "reviewer", "周明衡"),
    DemoAccount("shenhe02", "reviewer", "吴思齐"),
    DemoAccount("guanli01", "operator", "沈启元"),
)


async def seed(runtime: Runtime) -> None:
    """Makes the accounts that aren't there yet.

    Raises:
        RuntimeError: in production, where nobody may have a password that is printed in the manual.
    """
    if runtime.settings.profile == "production":
        raise RuntimeError("the demo's accounts are not for production")
    async with begin(runtime, scope=Scope.system()) as tx:
        missing = [account for account in ACCOUNTS if await repository.by_username(tx, account.username) is None]
        if not missing:
            return
        # One hash for all: each would take 20 ms of the first start.
        password_hash = await runtime.resources["passwords"].hash(PASSWORD)
        for account in missing:
            await _open(tx, account, password_hash)


async def _open(tx: AsyncSession, wanted: DemoAccount, password_hash: str) -> None:
    account = Account(
        id=wanted.id,
        kind=wanted.kind,
        username=wanted.username,
        password_hash=password_hash,
        display_name=wanted.name,
        uscc=wanted.uscc,
        created_at=clock_of(tx).now(),
    )
    if wanted.id_number is not None:
        account.keep_id_number(vault_of(tx).seal("id_number", wanted.id_number))
    if wanted.mobile is not None:
        account.keep_mobile(vault_of(tx).seal("mobile", wanted.mobile))
    await accounts.open_account(tx, account, wanted.kind)
    permissions: tuple[Permission, ...] = get_args(Permission)
    for employer_no in wanted.units:
        await mandates.grant(tx, None, account.id, employer_no, permissions)
