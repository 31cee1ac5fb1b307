"""A batch from the template to the applications, against a real database and the real reading process."""

import asyncio
import io

from openpyxl import load_workbook
from sqlalchemy import text

from contracts.enrollment import ApplicationSubmitted
from servicekit import audit
from servicekit.job_runner import run_due_jobs
from tests.integration.enrollment.batch_desk import (
    batch,
    checked,
    confirm,
    faulty_rows,
    pending,
    returned,
    send,
    submitted,
    template,
)
from tests.integration.enrollment.desk import (
    OTHER_UNIT,
    addition,
    audited,
    events,
    insured,
    seen_by_all,
    submit,
    withdraw,
)
from tests.integration.enrollment.desk import submitted as declared
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id
from tests.support.sheets import filled, newcomer, rows_of
from tests.support.waiting import until


async def test_from_template_to_return_file_and_back(hall: ServiceHarness) -> None:
    wrong = resident_id()
    digit = "0" if wrong[-1] != "0" else "1"
    people = [newcomer(), newcomer(证件号码=wrong[:-1] + digit, 手机号码="12345"), newcomer(姓名="李 雷")]
    seen = await checked(hall, filled(await template(hall), people))
    assert (seen["stage"], seen["total"], seen["good"], seen["bad"]) == ("checked", 3, 2, 1)
    assert await pending(hall) == []  # nothing is handed in before it is confirmed

    (faulty,) = await faulty_rows(hall, seen["id"])
    assert (faulty["row"], faulty["name"]) == (3, "沈嘉禾")
    assert wrong[:-1] not in str(faulty)
    assert [(fault["column"], fault["label"]) for fault in faulty["faults"]] == [(2, "证件号码"), (13, "手机号码")]

    done = await submitted(hall, seen)
    assert (done["stage"], done["submitted"], done["bad"], done["good"]) == ("submitted", 2, 1, 0)
    assert {application["person_name"] for application in await pending(hall)} == {"沈嘉禾", "李雷"}

    back = await returned(hall, seen["id"])
    sheet = load_workbook(io.BytesIO(back)).worksheets[0]
    (row,) = rows_of(back)
    assert row["错误原因"].startswith(f"第2列 证件号码：校验位不正确，末位应为 {wrong[-1]}；第13列 手机号码：")
    assert sheet["B2"].fill.fgColor.rgb == sheet["M2"].fill.fgColor.rgb == "FFFFC7CE"
    assert sheet["C2"].fill.fill_type is None
    assert sheet["B2"].number_format == "@"

    mended = load_workbook(io.BytesIO(back))
    mended.worksheets[0]["B2"], mended.worksheets[0]["M2"] = wrong, "13900571234"
    stream = io.BytesIO()
    mended.save(stream)
    again = await checked(hall, stream.getvalue())
    assert (again["good"], again["bad"]) == (1, 0)
    assert (await submitted(hall, again))["submitted"] == 1
    assert len(await pending(hall)) == 3


async def test_each_application_is_as_if_declared_alone(hall: ServiceHarness) -> None:
    alone = await submit(hall, addition(resident_id()))
    seen = await checked(hall, filled(await template(hall), [newcomer(), newcomer()]))
    await submitted(hall, seen)

    first, *batched = await events(hall, ApplicationSubmitted)
    assert len(batched) == 2
    told = {"application_no", "person_id", "submitted_by", "submitted_at"}
    assert all(event.model_dump(exclude=told) == first.model_dump(exclude=told) for event in batched)
    for event in batched:
        assert await audited(hall, event.application_no) == await audited(hall, alone.json()["no"])
    applications = {one["no"]: one for one in await pending(hall)}
    same = ("kind", "status", "employer_no", "employer_name", "start_month")
    first_one = applications[first.application_no]
    assert all(applications[event.application_no][name] == first_one[name] for event in batched for name in same)
    async with seen_by_all(hall) as tx:
        assert await audit.verify_all(tx) == []


async def test_what_the_database_knows_is_told_with_everything_else(hall: ServiceHarness) -> None:
    here, elsewhere, waiting, renamed = (resident_id() for _ in range(4))
    await insured(hall, addition(here))
    await insured(hall, addition(elsewhere), unit=OTHER_UNIT)
    await submit(hall, addition(waiting))
    await insured(hall, addition(renamed, person_name="方若兰"), unit=OTHER_UNIT)
    people = [
        newcomer(证件号码=here),
        newcomer(证件号码=elsewhere, 手机号码="1"),
        newcomer(证件号码=waiting),
        newcomer(证件号码=renamed),
    ]
    seen = await checked(hall, filled(await template(hall), people))

    assert seen["bad"] == 4
    codes = {row["row"]: [fault["code"] for fault in row["faults"]] for row in await faulty_rows(hall, seen["id"])}
    assert codes == {
        2: ["already_insured_here"],
        3: ["mobile_form", "already_insured_elsewhere"],
        4: ["already_pending"],
        5: ["name_differs"],
    }


async def test_the_same_file_twice_is_the_same_batch(hall: ServiceHarness) -> None:
    content = filled(await template(hall), [newcomer()])
    seen = await checked(hall, content)
    again = await checked(hall, content)
    assert again["id"] == seen["id"]
    await submitted(hall, again)

    assert (await send(hall, content)).json()["stage"] == "submitted"
    assert len(await pending(hall)) == 1
    other = await send(hall, content, unit=OTHER_UNIT)
    assert other.json()["id"] != seen["id"]


async def test_confirming_twice_does_nothing(hall: ServiceHarness) -> None:
    seen = await checked(hall, filled(await template(hall), [newcomer()]))
    assert (await confirm(hall, seen)).json()["stage"] == "submitting"
    assert (await confirm(hall, seen)).json()["stage"] == "submitting"
    done = await submitted(hall, seen)
    assert (await confirm(hall, seen)).json()["version"] == done["version"]
    assert len(await events(hall, ApplicationSubmitted)) == 1


async def test_what_changed_since_the_check_becomes_a_fault(hall: ServiceHarness) -> None:
    number = resident_id()
    seen = await checked(hall, filled(await template(hall), [newcomer(证件号码=number), newcomer()]))
    assert seen["good"] == 2
    await submit(hall, addition(number))

    done = await submitted(hall, seen)
    assert (done["submitted"], done["bad"]) == (1, 1)
    (row,) = await faulty_rows(hall, seen["id"])
    assert [fault["code"] for fault in row["faults"]] == ["already_pending"]
    assert (await batch(hall, seen["id"]))["stage"] == "submitted"


async def test_somebody_quicker_between_the_last_look_and_the_writing_costs_one_row(hall: ServiceHarness) -> None:
    number = resident_id()
    await withdraw(hall, (await declared(hall, addition(number)))["no"])
    seen = await checked(hall, filled(await template(hall), [newcomer(证件号码=number), newcomer(), newcomer()]))
    await confirm(hall, seen)
    async with seen_by_all(hall) as quicker:
        await quicker.execute(text("LOCK TABLE applications IN SHARE MODE"))  # others read it, and wait to write
        working = asyncio.create_task(run_due_jobs(hall.runtime))

        async def waits_to_write() -> bool:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'applications'::regclass"
            return bool(await quicker.scalar(text(waiting)))

        await until(waits_to_write)
        # As good as declared anew.
        await quicker.execute(text("UPDATE applications SET status = 'pending', decided_at = NULL"))
    await working

    done = await batch(hall, seen["id"])
    assert (done["stage"], done["submitted"], done["bad"]) == ("submitted", 2, 1)
    (row,) = await faulty_rows(hall, seen["id"])
    assert [fault["code"] for fault in row["faults"]] == ["already_pending"]
    assert len(await pending(hall)) == len(await events(hall, ApplicationSubmitted)) == 3
