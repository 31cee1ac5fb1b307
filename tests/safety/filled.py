"""Each service in this process with the data of two units, and the words by which the first one's are known."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from employer.service import SERVICE as EMPLOYER
from enrollment.service import SERVICE as ENROLLMENT
from identity import demo
from identity.accounts.models import Account, LoginAttempts
from identity.sso.models import SsoLink
from identity.sso.repository import put_link
from identity.sso.rules import ProviderAway
from reporting.service import make_service
from servicekit.auth import INTERNAL_AUDIENCE
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.integration.employer import office, rate_desk, receipts_desk
from tests.integration.enrollment import batch_desk as batching
from tests.integration.enrollment import desk as declaring
from tests.integration.identity import entrance
from tests.integration.reporting import desk as reporting
from tests.integration.reporting import test_own as own_reports
from tests.integration.reporting.siblings import Siblings, settings_in
from tests.safety.routes import PERSONS, Access
from tests.support.databases import TestDatabases
from tests.support.files import pdf
from tests.support.harness import ServiceHarness, service_harness
from tests.support.people import resident_id
from tests.support.sheets import filled as filled_in
from tests.support.sheets import newcomer

UNIT, OTHER_UNIT = "330200000000000101", "330200000000000201"
OTHER_USCC, OTHER_NAME = "12330200419500123Q", "宁波市海曙区示范小学"
_ACCOUNT_NUMBER = "6228480010000007788"
NAMES = ("identity", "enrollment", "employer", "reporting")


@dataclass
class Filled:
    """A running service in which UNIT and OTHER_UNIT have data."""

    hall: ServiceHarness
    words: Mapping[str, str]
    """For the placeholders in paths and bodies of `tests.safety.routes`; all of UNIT."""
    marks: frozenset[str]
    """Texts that only UNIT's data have: none of them may ever reach somebody else."""
    outsider: Mapping[str, Any] = field(default_factory=lambda: {"employer_no": OTHER_UNIT})
    """Claims of a clerk of OTHER_UNIT with every permission."""
    insider: Mapping[str, Any] = field(default_factory=lambda: {"employer_no": UNIT})
    representative: Mapping[str, Any] = field(
        default_factory=lambda: {"kind": "legal_representative", "employer_no": UNIT}
    )
    """Claims of UNIT's legal representative."""
    signed_in_again: Callable[[], Awaitable[Mapping[str, Any]]] | None = None
    """Claims of another session of the insider, where sessions are real; for tests that may end it."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """For the routes that take one, by the name that they give it."""
    insured: Mapping[str, Any] = field(default_factory=dict)
    """Claims of an insured person whom UNIT insures, where they have something to see."""
    own_words: Mapping[str, str] = field(default_factory=dict)
    """Like `words`, of that person's own things."""
    another_insured: Mapping[str, Any] = field(
        default_factory=lambda: {"kind": "person", "person_id": uuid7(), "account_id": uuid7()}
    )
    """Claims of another one."""

    def words_of(self, access: Access) -> Mapping[str, str]:
        """The words for routes of this kind."""
        return {**self.words, **self.own_words} if access in PERSONS else self.words

    def inside(self, access: Access) -> Mapping[str, Any]:
        """Claims of whoever of UNIT may use routes of this kind."""
        return self.representative if access == "representative" else self.insider


def of_person(access: Access, claims: Mapping[str, Any]) -> dict[str, Any]:
    """An insured person's claims, at a door for people or for the workers who ask for them."""
    inside = {"audience": INTERNAL_AUDIENCE, "via": "delegation"} if access == "person_delegate" else {}
    return {**claims, **inside}


@asynccontextmanager
async def filled(name: str, databases: TestDatabases, folder: Path) -> AsyncIterator[Filled]:
    """The service of this name."""
    makers = {"identity": _identity, "enrollment": _enrollment, "employer": _employer}
    made = makers[name](databases) if name in makers else _reporting(databases, folder)
    async with made as service:
        yield service


def _person(person_id: str) -> dict[str, Any]:
    return {"kind": "person", "person_id": UUID(person_id), "account_id": uuid7()}


async def _claims_of(visitor: entrance.Visitor) -> dict[str, Any]:
    claims = await visitor.claims()
    return {
        "kind": claims.kind,
        "employer_no": claims.employer_no,
        "account_id": claims.account_id,
        "session_id": claims.session_id,
    }


@asynccontextmanager
async def _identity(databases: TestDatabases) -> AsyncIterator[Filled]:
    async with entrance.identity_service(databases) as hall:
        for unit in (UNIT, entrance.SECOND_UNIT, OTHER_UNIT):
            await entrance.deliver(hall, entrance.opened(unit))
        await demo.seed(hall.runtime)
        await entrance.registered(hall, uscc=OTHER_USCC, unit_name=OTHER_NAME, username="shifanxiaoxue")

        own = update(Account).where(Account.username == "jingban01")
        async with begin(hall.runtime, scope=Scope.system()) as tx:
            password_hash = await tx.scalar(select(Account.password_hash).where(Account.username == "jingban01"))

        async def signed_in() -> Mapping[str, Any]:
            # What was guessed before would make it wait, and another request has changed the password.
            async with begin(hall.runtime, scope=Scope.system()) as tx:
                await tx.execute(delete(LoginAttempts))
                await tx.execute(own.values(password_hash=password_hash))
            insider = await entrance.Visitor(hall).signed_in("agent", "jingban01", demo.PASSWORD)
            await insider.choose(UNIT)
            return await _claims_of(insider)

        outsider = await entrance.Visitor(hall).signed_in("legal_representative", "shifanxiaoxue")
        await outsider.choose(OTHER_UNIT)
        chief = await entrance.Visitor(hall).signed_in("legal_representative", "yongjiang", demo.PASSWORD)
        await chief.choose(UNIT)
        await chief.post("/sessions/current/step-up", {"password": demo.PASSWORD})
        key: dict[str, Any] = {"name": "甬江人事系统", "permissions": ["declare"], "expires_on": "2026-12-31"}
        issued = await chief.post("/api-keys", key, 201)
        invitation = await chief.post("/invitations", {"mobile": "13805740188", "permissions": ["query"]}, 201)
        agents = (await chief.get("/mandates"))["items"]
        accounts = [account for account in demo.ACCOUNTS if account.kind in ("agent", "legal_representative")]
        marks = {account.username for account in accounts} | {account.name for account in accounts}
        marks |= {str(account.id) for account in accounts} | {entrance.NAMES[UNIT], entrance.USCC}
        link_id, insider = await _linked(hall, accounts[-1].id), await signed_in()
        marks |= {key["name"], issued["key"], issued["shown_part"], "138****0188"}
        words = {
            "employer_no": UNIT,
            "account_id": str(accounts[-1].id),
            "invitation_id": invitation["id"],
            "mandate_id": agents[0]["mandate_id"],
            "key_id": issued["id"],
            "link_id": link_id,
            "session_id": str(insider["session_id"]),
            "code": ProviderAway.code,
            "provider": "zjzw",
        }
        yield Filled(
            hall,
            words,
            frozenset(marks),
            await _claims_of(outsider),
            insider,
            await _claims_of(chief),
            signed_in,
        )


async def _linked(hall: ServiceHarness, account_id: UUID) -> str:
    """The id of a link of an account to a provider."""
    link = SsoLink(
        id=uuid7(),
        provider="zj-person",
        subject_index=b"somebody",
        kind="agent",
        account_id=account_id,
        linked_at=hall.clock.now(),
        last_used_at=hall.clock.now(),
    )
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await put_link(tx, link)
    return str(link.id)


@asynccontextmanager
async def _enrollment(databases: TestDatabases) -> AsyncIterator[Filled]:
    async with service_harness(ENROLLMENT, databases) as hall:
        for unit in (UNIT, OTHER_UNIT):
            await declaring.deliver(hall, declaring.opened(unit))
        number, free = resident_id(), resident_id()
        approved = await declaring.insured(
            hall, declaring.addition(number, person_name="秦无双", person_mobile="13877770001")
        )
        pending = await declaring.submitted(hall, declaring.addition(person_name="柳如是"))
        for unit, name in ((OTHER_UNIT, "方若兰"), (OTHER_UNIT, "白一鸣")):
            await declaring.insured(hall, declaring.addition(person_name=name), unit=unit)
        sheet = filled_in(await batching.template(hall), [newcomer(), newcomer(姓名="柳如是", 手机号码="1")])
        batch = await batching.checked(hall, sheet)
        another = filled_in(await batching.template(hall), [newcomer()])  # the same would be checked anew
        found = await hall.client.post(
            f"{declaring.API}/roster/searches", json={"id_number": number}, headers=hall.clerk(UNIT)
        )
        person = found.json()["items"][0]
        words = {
            "no": pending["no"],
            "decided_no": approved["no"],
            "kind": "addition",
            "person_id": person["person_id"],
            "batch_id": batch["id"],
            "id_number": number,
            "free_id_number": free,
            "free_birth_date": f"{free[6:10]}-{free[10:12]}-{free[12:14]}",
        }
        marks = {
            "秦无双",
            "柳如是",
            "1387777",
            "示例单位101",
            person["person_id"],
            batch["id"],
            pending["no"],
            approved["no"],
        }
        yield Filled(
            hall,
            words,
            frozenset({*marks, person["id_number_masked"], number}),
            files={"人员.xlsx": another},
            insured=_person(person["person_id"]),
        )


@asynccontextmanager
async def _employer(databases: TestDatabases) -> AsyncIterator[Filled]:
    async with service_harness(EMPLOYER, databases) as hall:
        await office.open_unit(hall, UNIT)
        contact = {**office.unit_form()["contact"], "contact": "方若兰", "legal_representative": "周明远"}
        contact |= {"address": "宁波市海曙区示范巷201号"}
        registration = {"address": "宁波市海曙区示范巷201号"}
        other = {"uscc": OTHER_USCC, "name": OTHER_NAME, "kind": "50", "contact": contact}
        await office.open_unit(hall, OTHER_UNIT, **other, registration=registration)
        starts = {
            unit: office.started(employer_no=unit, wage=wage)
            for unit, wage in ((UNIT, "8123.00"), (OTHER_UNIT, "6000.00"))
        }
        for start in starts.values():
            await office.deliver(hall, start)
            await office.deliver(hall, office.base_changed(start, "2026-02", str(start.monthly_wage)))
        run = await office.assess(hall, "2026-01")
        person_id = str(starts[UNIT].person_id)
        change, account = await _unit_data(hall)
        paid = receipts_desk.line(费款所属期="202601", 单位编号=UNIT)
        nobodys = receipts_desk.line(单位编号="330200000000009999", 缴款流水号="SP9")
        receipts = await receipts_desk.upload(hall, receipts_desk.csv_of([paid, nobodys]))
        rate_change = await rate_desk.propose(hall, "rates", rate_desk.rate_form(), uuid7())
        await hall.drain()
        words = {
            "person_id": person_id,
            "employer_no": UNIT,
            "assessment_id": run["id"],
            "change_id": change["id"],
            "attachment_id": change["attachments"][0]["id"],
            "import_id": str(await _import_id(hall)),
            "account_number": _ACCOUNT_NUMBER,
            "month": "2026-01",
            "insurance": "310",
            "code": "99",
            "receipt_import_id": receipts.json()["id"],
            "rate_change_id": rate_change.json()["id"],
        }
        marks = {
            "甬江智造",
            "江一帆",
            "沈青禾",
            "江北区示范大道",
            office.unit_form()["uscc"],
            "8123.00",
            person_id,
            UNIT,
            change["id"],
            words["attachment_id"],
            account["account_number_masked"],
        }
        bank_file = "银行大类,联行号,网点名称,网点简称\n102,102332000014,工行鄞州支行,工行鄞州支行\n".encode()
        more_receipts = receipts_desk.csv_of([receipts_desk.line(缴款流水号="SP2")])
        files = {"名录.csv": bank_file, "执照.pdf": pdf(), "到账.csv": more_receipts}
        yield Filled(hall, words, frozenset(marks), files=files, insured=_person(person_id))


async def _unit_data(hall: ServiceHarness) -> tuple[dict[str, Any], dict[str, Any]]:
    """A pending change of UNIT, and its bank account."""
    await office.bank_branches(hall, [("102", "102332000014", "工行鄞州支行", "")])
    form = {"branch_code": "102332000014", "account_name": "某单位", "account_number": _ACCOUNT_NUMBER}
    headers = hall.clerk(UNIT, stepped_up=True) | {"If-Match": '"v0"'}
    account = await hall.client.put(f"{office.API}/unit/bank-account", json=form, headers=headers)
    change = await office.ask_for_change(hall, name="甬江智造股份有限公司")
    return change.json(), account.json()


async def _import_id(hall: ServiceHarness) -> UUID:
    (found,) = await office.rows(hall, "SELECT id FROM bank_imports")
    return UUID(str(found.id))


@asynccontextmanager
async def _reporting(databases: TestDatabases, folder: Path) -> AsyncIterator[Filled]:
    siblings = Siblings(name="秦无双")
    settings = settings_in(folder)
    async with service_harness(make_service(siblings.transports()), databases, settings=settings) as hall:
        report = await reporting.made(hall, siblings.person_id)
        assert report["status"] == "done", report
        waiting = await reporting.ask(hall, siblings.person_id, unit=OTHER_UNIT, first="2026-01")
        assert waiting.status_code == 202, waiting.text
        me = _person(str(siblings.person_id))
        own = await own_reports.made(hall, siblings.person_id, me["account_id"])
        checked = await hall.client.get(f"/api/reporting/verifications/{report['verification_code']}")
        words = {
            "report_id": report["id"],
            "person_id": str(siblings.person_id),
            "code": report["verification_code"],
            "reference": checked.json()["number"],
        }
        marks = {
            report["id"],
            report["verification_code"],
            own["id"],
            own["verification_code"],
            "秦无双",
            siblings.id_number,
            siblings.employer_name,
            "%PDF",
        }
        yield Filled(
            hall,
            words,
            frozenset(marks),
            insured=me,
            own_words={"report_id": own["id"]},
            files={"copy": b"%PDF-1.7 of somebody else"},
        )
