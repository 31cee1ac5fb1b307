"""Synthetic accounts of the demo: a legal representative, an agent of four units, an insured person, and staff.

The staff's second factors have secrets that everybody may know, and a route that shows their codes: the demo's stand-in
for an authenticator app. Neither is there in production.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args
from uuid import NAMESPACE_URL, UUID, uuid5

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import EmployerOpened
from contracts.identity import AccountKind, Permission
from identity.accounts import repository
from identity.accounts import service as accounts
from identity.accounts.models import Account
from identity.clients import demo_only
from identity.directory import repository as directory
from identity.mandates import repository as mandate_rows
from identity.mandates import service as mandates
from identity.mandates.models import Mandate
from identity.persons import service as persons
from identity.second_factor import service as second_factor
from identity.second_factor.models import SecondFactor
from identity.second_factor.rules import STEP_SECONDS, code_of, step_of
from identity.second_factor.service import seal_secret
from servicekit.auth import public
from servicekit.clock import Now
from servicekit.db.tx import PublicTx, Scope, begin, clock_of, vault_of
from servicekit.forms import Form
from servicekit.ids import uuid7
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
    serves_bureau: bool = False
    """Whether it serves the many employers of the payroll bureau as well; they come later (`take_over`)."""
    app: str | None = None
    """The secret of the authenticator app."""

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
    DemoAccount("daili01", "agent", "孟怀瑾", id_number="330211198704165528", mobile="13800570103", serves_bureau=True),
    # The first person whom enrollment's demo insures: the name and both numbers are theirs, so they are recognised.
    DemoAccount("geren01", "person", "王志明", id_number="330203196903020111", mobile="13957400000"),
    DemoAccount("shenhe01", "reviewer", "周明衡", mobile="13800570111", app="HALLDEMOSHENHEAAHALLDEMOSHENHEAA"),
    DemoAccount("shenhe02", "reviewer", "吴思齐", mobile="13800570112", app="HALLDEMOSHENHEBBHALLDEMOSHENHEBB"),
    DemoAccount("guanli01", "operator", "沈启元", mobile="13800570113", app="HALLDEMOGUANLIAAHALLDEMOGUANLIAA"),
    DemoAccount("guanli02", "operator", "陆怀瑾", mobile="13800570114", app="HALLDEMOGUANLIBBHALLDEMOGUANLIBB"),
)
TOTP_SECRETS = {account.username: account.app for account in ACCOUNTS if account.app is not None}

router = APIRouter(tags=["demo"], dependencies=[Depends(demo_only)])


class TotpForm(Form):
    """Whose dynamic code to show. Demo only."""

    username: str = Field(min_length=1, max_length=64, title="用户名")


class TotpOut(BaseModel):
    """A code that has not been used yet. None: both of this half minute have been, or it is no account of the demo."""

    code: str | None
    seconds: int
    """Until there is another one."""


@router.post("/demo/totp-codes", openapi_extra=public("the demo's stand-in for an authenticator app"))
async def show_code(form: TotpForm, tx: PublicTx, now: Now) -> TotpOut:
    """The dynamic code of an account of the demo. Only where the hall runs with synthetic data."""
    username = form.username.lower()
    secret, account = TOTP_SECRETS.get(username), await repository.by_username(tx, username)
    factor = await second_factor.confirmed(tx, account.id) if account is not None else None
    step = step_of(now)
    seconds = STEP_SECONDS - int(now.timestamp()) % STEP_SECONDS
    if secret is None or factor is None:
        return TotpOut(code=None, seconds=seconds)
    unused = next((one for one in (step, step + 1) if one > factor.last_step), None)
    return TotpOut(code=None if unused is None else code_of(secret, unused), seconds=seconds)


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


async def take_over(runtime: Runtime, news: Sequence[EmployerOpened]) -> None:
    """Puts the payroll bureau's employers into the directory, and lets its agent act for all of them, as if both were
    taken over from older records: at once, and announced to nobody.
    """
    if not news:
        return
    agent = next(account for account in ACCOUNTS if account.serves_bureau)
    now, permissions = runtime.clock.now(), list(get_args(Permission))
    granted = [
        Mandate(id=uuid7(), account_id=agent.id, employer_no=one.employer_no, permissions=permissions, granted_at=now)
        for one in news
    ]
    async with begin(runtime, scope=Scope.system()) as tx:
        await directory.put_new(tx, news)
        await mandate_rows.put_many(tx, granted)


async def _open(tx: AsyncSession, wanted: DemoAccount, password_hash: str) -> None:
    account = Account(
        id=wanted.id,
        kind=wanted.kind,
        username=wanted.username,
        password_hash=password_hash,
        password_changed_at=clock_of(tx).now(),
        password_is_short=False,
        display_name=wanted.name,
        uscc=wanted.uscc,
        created_at=clock_of(tx).now(),
    )
    if wanted.id_number is not None:
        account.keep_id_number(vault_of(tx).seal("id_number", wanted.id_number))
    if wanted.mobile is not None:
        account.keep_mobile(vault_of(tx).seal("mobile", wanted.mobile))
    await accounts.open_account(tx, account, wanted.kind)
    await persons.announce(tx, account)
    if wanted.app is not None:
        factor = SecondFactor(account_id=account.id)
        second_factor.enrol(factor, seal_secret(vault_of(tx), wanted.app), step=0, now=clock_of(tx).now())
        tx.add(factor)
    permissions: tuple[Permission, ...] = get_args(Permission)
    for employer_no in wanted.units:
        await mandates.grant(tx, None, account.id, employer_no, permissions)
