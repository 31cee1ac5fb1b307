"""批量减员: the same road, with what the database knows of the people named, and a raised session to confirm."""

from sqlalchemy import select

from contracts.enrollment import ApplicationSubmitted
from enrollment.applications.models import Application
from servicekit.job_runner import run_due_jobs
from tests.integration.enrollment.batch_desk import (
    batch,
    checked,
    confirm,
    faulty_rows,
    pending,
    returned,
    template,
)
from tests.integration.enrollment.desk import (
    OTHER_UNIT,
    UNIT,
    addition,
    audited,
    events,
    insured,
    person_id_of,
    removal,
    remove,
    seen_by_all,
    submit,
)
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id
from tests.support.sheets import filled, leaver, rows_of


async def test_a_bulk_removal_wants_a_raised_session_and_does_what_the_form_does(hall: ServiceHarness) -> None:
    numbers = [resident_id() for _ in range(3)]
    for number in numbers:
        await insured(hall, addition(number))
    alone = await remove(hall, removal(await person_id_of(hall, numbers[0])))
    assert alone.status_code == 201, alone.text
    content = filled(
        await template(hall, "removal"), [leaver(number, 停保原因="01 解除或终止劳动合同") for number in numbers[1:]]
    )
    seen = await checked(hall, content, kind="removal")
    assert (seen["kind"], seen["good"], seen["bad"]) == ("removal", 2, 0)

    refused = await confirm(hall, seen)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert (await batch(hall, seen["id"]))["stage"] == "checked"

    raised = hall.tokens.headers(employer_no=UNIT, stepped_up=True)
    assert (await confirm(hall, seen, headers=raised)).json()["stage"] == "submitting"
    await run_due_jobs(hall.runtime)
    assert (await batch(hall, seen["id"]))["submitted"] == 2

    news = [event for event in await events(hall, ApplicationSubmitted) if event.kind == "removal"]
    assert len(news) == 3
    async with seen_by_all(hall) as tx:
        rows = list(await tx.scalars(select(Application).where(Application.kind == "removal").order_by(Application.no)))
    one, *others = rows
    for other in others:
        assert other.form == one.form
        assert (other.person_name, other.employer_name, other.start_month) == (
            one.person_name, one.employer_name, one.start_month,
        )  # fmt: skip
        assert await audited(hall, other.no) == await audited(hall, one.no)


async def test_everything_in_the_way_of_a_removal_at_once(hall: ServiceHarness) -> None:
    mine, other, waiting, leaving, pensioner = (resident_id() for _ in range(5))
    await insured(hall, addition(mine))
    await insured(hall, addition(other), unit=OTHER_UNIT)
    await submit(hall, addition(waiting))
    await insured(hall, addition(leaving))
    await remove(hall, removal(await person_id_of(hall, leaving)))
    await insured(hall, addition(pensioner))
    people = [
        leaver(mine, 姓名="方若兰", 停保月份="202604"),
        leaver(other),
        leaver(waiting),
        leaver(leaving, 停保原因="09 其他"),
        leaver(pensioner, 停保原因="05 死亡", 事件日期="1950-01-01"),
        leaver(resident_id(), 停保原因="04 退休"),
    ]
    seen = await checked(hall, filled(await template(hall, "removal"), people), kind="removal")
    assert (seen["good"], seen["bad"]) == (0, 6)
    codes = {
        row["row"]: sorted(fault["code"] for fault in row["faults"]) for row in await faulty_rows(hall, seen["id"])
    }
    assert codes == {
        2: ["name_differs", "stop_month_not_open"],
        3: ["not_insured_here"],
        4: ["not_insured_here"],
        5: ["already_pending", "required"],
        6: ["event_date_before_birth"],
        7: ["not_insured_here", "required"],
    }
    back = rows_of(await returned(hall, seen["id"]))
    assert "第5列 停保月份：只能是本月（2026-03）" in back[0]["错误原因"]
    assert [row["证件号码"] for row in back] == [person["证件号码"] for person in people]
    raised = hall.tokens.headers(employer_no=UNIT, stepped_up=True)
    nothing = await confirm(hall, seen, headers=raised)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_good")
    assert len(await pending(hall)) == 2


async def test_a_removal_file_is_not_taken_for_an_addition(hall: ServiceHarness) -> None:
    content = filled(await template(hall, "removal"), [leaver(resident_id())])
    seen = await checked(hall, content, kind="addition")
    assert seen["stage"] == "refused"
    assert seen["file_fault"]["code"] == "headings"
    assert "停保原因" in seen["file_fault"]["message"]
