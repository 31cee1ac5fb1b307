"""The demo's accounts."""

from time import perf_counter

from contracts.identity import AccountRegistered, MandateGranted
from identity import demo
from tests.integration.identity.entrance import SECOND_UNIT, UNIT, Visitor, announced, deliver, opened
from tests.support.harness import ServiceHarness


async def test_seeding_twice_is_seeding_once(hall: ServiceHarness) -> None:
    await demo.seed(hall.runtime)
    await demo.seed(hall.runtime)
    assert len(await announced(hall, AccountRegistered)) == len(demo.ACCOUNTS)
    assert len(await announced(hall, MandateGranted)) == 4


async def test_seeding_is_quick(hall: ServiceHarness) -> None:
    started = perf_counter()
    await demo.seed(hall.runtime)
    assert perf_counter() - started < 5  # about 60 ms on an idle machine; one hash, not five


async def test_everybody_can_sign_in(hall: ServiceHarness) -> None:
    await demo.seed(hall.runtime)
    for account in demo.ACCOUNTS:
        mode = "staff" if account.kind in ("reviewer", "operator") else account.kind
        await Visitor(hall).signed_in(mode, account.username, demo.PASSWORD)


async def test_the_agent_serves_the_units_that_the_register_knows(hall: ServiceHarness) -> None:
    await deliver(hall, opened("330200000000000401", uscc="52330200500001234A"))
    await demo.seed(hall.runtime)
    agent = await Visitor(hall).signed_in("agent", "jingban01", demo.PASSWORD)
    units = (await agent.get("/units"))["items"]
    assert [unit["employer_no"] for unit in units] == [UNIT, SECOND_UNIT, "330200000000000401"]


async def test_staff_tokens_name_whom_the_clerk_reads_of(hall: ServiceHarness) -> None:
    await demo.seed(hall.runtime)
    reviewer = await Visitor(hall).signed_in("staff", "shenhe01", demo.PASSWORD)
    agent = await Visitor(hall).signed_in("agent", "jingban01", demo.PASSWORD)
    assert (await reviewer.claims()).display_name == "周明衡"
    assert (await agent.claims()).display_name is None


async def test_the_payroll_bureaus_agent_serves_many(hall: ServiceHarness) -> None:
    await demo.seed(hall.runtime)
    news = [opened(f"3302000000000{10_000 + number}") for number in range(1, 51)]
    for _ in range(2):
        await demo.take_over(hall.runtime, news)
    agent = await Visitor(hall).signed_in("agent", "daili01", demo.PASSWORD)
    assert (await agent.get("/units?page_size=8"))["total"] == 50
    (found,) = (await agent.get("/units?q=010042"))["items"]
    assert found["employer_no"] == "330200000000010042"
    assert (await agent.choose("330200000000010042")).status_code == 200
