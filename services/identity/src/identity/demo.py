"""The demo's accounts: synthetic people, one password that the demo prints. Never part of a production installation."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.identity import AccountKind, AccountRegistered
from identity.accounts import repository as accounts
from identity.accounts.models import Account
from identity.accounts.passwords import Passwords
from identity.mandates import service as mandates
from identity.mandates.repository import ALL_PERMISSIONS
from servicekit import audit, outbox
from servicekit.db.tx import Scope, begin
from servicekit.runtime import Runtime

PASSWORD = "Yongjiang-demo-2026"  # noqa: S105 - printed at the start of the demo, and refused nowhere else


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One ready-made account."""

    username: str
    kind: AccountKind
    display_name: str
    uscc: str | None = None
    units: Sequence[str] = ()
    mobile: str | None = None

    @property
    def id(self) -> UUID:
        """The same in every demo."""
        return uuid5(NAMESPACE_URL, f"urn:hall:demo-account:{self.username}")


ACCOUNTS = (
    DemoAccount("yongjiang", "legal_representative", "江一帆", uscc="91330200MA2A0B1C3J", mobile="13805740101"),
    DemoAccount(
        "jingban01",
        "agent",
        "沈青禾",
        units=("330200000000000101", "330200000000000102", "330200000000000401"),
        mobile="13905740101",
    ),
    DemoAccount("shenhe01", "reviewer", "严审"),
    DemoAccount("shenhe02", "reviewer", "方审"),
    DemoAccount("guanli01", "operator", "管经办"),
)


async def seed(runtime: Runtime) -> None:
    """Adds the accounts that are not there yet, in one transaction. All have one password, hashed once."""
    passwords: Passwords = runtime.resources["passwords"]
    hashed = await passwords.hash(PASSWORD)
    now = runtime.clock.now()
    async with begin(runtime, scope=Scope.system()) as tx:
        for demo in ACCOUNTS:
            if await accounts.by_id(tx, demo.id) is not None:
                continue
            mobile = runtime.vault.seal("mobile", demo.mobile) if demo.mobile else None
            account = Account(
                id=demo.id,
                kind=demo.kind,
                username=demo.username,
                password_hash=hashed,
                display_name=demo.display_name,
                uscc=demo.uscc,
                mobile=mobile.ciphertext if mobile else None,
                mobile_index=mobile.index if mobile else None,
                mobile_masked=mobile.masked if mobile else None,
                created_at=now,
            )
            await accounts.add(tx, account)
            chain = f"account:{demo.id}"
            await audit.record(tx, None, "account.registered", str(demo.id), chain=chain, facts={"kind": demo.kind})
            await outbox.add(tx, AccountRegistered(account_id=demo.id, kind=demo.kind, uscc=demo.uscc))
            for employer_no in demo.units:
                await mandates.grant(tx, None, demo.id, employer_no, ALL_PERMISSIONS)
