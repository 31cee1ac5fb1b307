"""Batches when several act at once, when a worker dies, and for whoever has no business with them."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from contracts.enrollment import ApplicationSubmitted
from enrollment.batches import work
from enrollment.batches.models import Batch, BatchPart, BatchRow
from servicekit import jobs
from servicekit.db.tx import Scope, begin
from servicekit.job_runner import run_due_jobs
from tests.integration.enrollment.batch_desk import (
    batch,
    checked,
    confirm,
    faulty_rows,
    pending,
    send,
    submitted,
    template,
)
from tests.integration.enrollment.desk import API, OTHER_UNIT, UNIT, VIRTUAL, addition, events, seen_by_all, submit
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id
from tests.support.sheets import filled, newcomer


async def _count(hall: ServiceHarness, table: type[BatchPart | BatchRow | Batch]) -> int:
    async with seen_by_all(hall) as tx:
        return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())


async def test_another_units_batch_is_not_there(hall: ServiceHarness) -> None:
    seen = await checked(hall, filled(await template(hall), [newcomer(), newcomer(姓名="1")]))
    stranger = hall.clerk(OTHER_UNIT)
    for path in ("", "/faulty-rows", "/faulty-rows/file", "/events"):
        answer = await hall.client.get(f"{API}/batches/{seen['id']}{path}", headers=stranger)
        assert (answer.status_code, answer.json()["code"]) == (404, "batch_not_found")
    assert (await confirm(hall, seen, unit=OTHER_UNIT)).status_code == 404
    assert (await hall.client.get(f"{API}/batches", headers=stranger)).json() == {"items": [], "total": 0}
    async with begin(hall.runtime, scope=Scope.unit(OTHER_UNIT)) as tx:
        for table in (Batch, BatchRow):
            assert (await tx.execute(select(func.count()).select_from(table))).scalar_one() == 0


async def test_nothing_of_the_file_lies_open(hall: ServiceHarness) -> None:
    people = [newcomer(姓名="秦无双", 手机号码="13877770001"), newcomer(姓名="秦无双", 手机号码="1")]
    await send(hall, filled(await template(hall), people))
    assert await _count(hall, BatchPart) == 1
    async with seen_by_all(hall) as tx:
        parts = (await tx.execute(text("SELECT encode(sealed, 'escape') FROM batch_parts"))).scalars().all()
    assert not any("PK" in part[:200] and "xl/" in part for part in parts)
    await run_due_jobs(hall.runtime)

    assert await _count(hall, BatchPart) == 0
    async with seen_by_all(hall) as tx:
        told = "".join(
            await tx.scalars(text("SELECT t::text FROM batch_rows t UNION ALL SELECT t::text FROM batches t"))
        )
        sealed = b"".join(await tx.scalars(select(BatchRow.sealed)))
    for secret in ("秦无双", "13877770001", people[0]["证件号码"]):
        assert secret not in told
        assert secret.encode() not in sealed


async def test_rows_are_cleared_after_a_week(hall: ServiceHarness) -> None:
    seen = await checked(hall, filled(await template(hall), [newcomer(), newcomer(姓名="1")]))
    hall.clock.advance(timedelta(days=6))
    await work.clear(hall.runtime)
    assert await _count(hall, BatchRow) == 2
    hall.clock.advance(timedelta(days=1, minutes=1))
    late = await confirm(hall, seen)
    assert (late.status_code, late.json()["code"]) == (410, "batch_expired")
    await work.clear(hall.runtime)

    assert await _count(hall, BatchRow) == 0
    assert (await batch(hall, seen["id"]))["stage"] == "expired"
    gone = await hall.client.get(f"{API}/batches/{seen['id']}/faulty-rows", headers=hall.clerk(UNIT))
    assert (gone.status_code, gone.json()["code"]) == (410, "batch_expired")


async def test_many_confirmations_at_once_hand_in_once(hall: ServiceHarness) -> None:
    seen = await checked(hall, filled(await template(hall), [newcomer() for _ in range(3)]))
    answers = await asyncio.gather(*(confirm(hall, seen) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {202}
    await run_due_jobs(hall.runtime)
    assert len(await events(hall, ApplicationSubmitted)) == 3


async def test_the_same_file_many_times_at_once_is_one_batch(hall: ServiceHarness) -> None:
    content = filled(await template(hall), [newcomer()])
    answers = await asyncio.gather(*(send(hall, content) for _ in range(5)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    await run_due_jobs(hall.runtime)
    assert (await batch(hall, answers[0].json()["id"]))["good"] == 1


async def test_two_files_with_the_same_people_at_once(hall: ServiceHarness) -> None:
    """Each person is declared once; the other file's row says why not."""
    numbers = [resident_id() for _ in range(20)]
    blank = await template(hall)
    files = [
        filled(blank, [newcomer(证件号码=number, 备注=note) for number in order])
        for note, order in (("一", numbers), ("二", numbers[::-1]))
    ]
    seen = [await checked(hall, content) for content in files]
    for one in seen:
        assert (await confirm(hall, one)).status_code == 202
    await asyncio.gather(run_due_jobs(hall.runtime), run_due_jobs(hall.runtime))

    done = [await batch(hall, one["id"]) for one in seen]
    assert sum(one["submitted"] for one in done) == 20
    assert sum(one["bad"] for one in done) == 20
    assert len(await events(hall, ApplicationSubmitted)) == 20
    assert len({application["no"] for application in await pending(hall)}) == 20


async def test_a_single_declaration_beside_a_file(hall: ServiceHarness) -> None:
    numbers = [resident_id() for _ in range(6)]
    seen = await checked(hall, filled(await template(hall), [newcomer(证件号码=number) for number in numbers]))
    await confirm(hall, seen)
    answers, _ = await asyncio.gather(
        asyncio.gather(*(submit(hall, addition(number)) for number in numbers)), run_due_jobs(hall.runtime)
    )
    done = await batch(hall, seen["id"])
    alone = sum(answer.status_code == 201 for answer in answers)
    assert (done["submitted"] + alone, done["bad"]) == (6, alone)
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} <= {"already_pending"}
    assert len(await events(hall, ApplicationSubmitted)) == 6


async def test_a_batch_goes_on_where_a_dead_worker_left_it(
    hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of two rows; the worker is gone after the second part, before it could end the job."""
    monkeypatch.setattr(work, "_ROWS_AT_ONCE", 2)
    seen = await checked(hall, filled(await template(hall), [newcomer() for _ in range(7)]))
    await confirm(hall, seen)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        job_id = (await tx.execute(select(Batch.job_id).where(Batch.id == UUID(seen["id"])))).scalar_one()
        await tx.execute(
            text("UPDATE jobs SET status = 'running', attempts = 1, lease_owner = :id, lease_until = now() + '1 hour'"
                 " WHERE id = :id"),
            {"id": job_id},
        )  # fmt: skip
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        row = await jobs.find(tx, job_id)
        assert row is not None
    dying = jobs.JobRun(hall.runtime, row, 30)
    parts = 0

    async def die(tx: object, numbers: object, *rest: object, **more: object) -> None:
        nonlocal parts
        parts += 1
        if parts == 3:
            raise asyncio.CancelledError

    real = work._submit_part  # the part's own work, stopped after two

    async def part(tx: object, batch: object, kept: object) -> None:
        await real(tx, batch, kept)  # type: ignore[arg-type]
        await die(tx, kept)

    monkeypatch.setattr(work, "_submit_part", part)
    with pytest.raises(asyncio.CancelledError):
        await work.submit(dying)
    monkeypatch.setattr(work, "_submit_part", real)
    assert len(await events(hall, ApplicationSubmitted)) == 4  # two whole parts; the third came to nothing
    half = await batch(hall, seen["id"])
    assert (half["stage"], half["submitted"], half["good"], half["progress"]) == ("submitting", 4, 3, 4)

    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(
            text("UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = :id"), {"id": job_id}
        )
    await run_due_jobs(hall.runtime)
    with pytest.raises(jobs.LeaseLost):
        await work.submit(dying)  # the dead one comes back
    done = await batch(hall, seen["id"])
    assert (done["stage"], done["submitted"]) == ("submitted", 7)
    assert len({event.person_id for event in await events(hall, ApplicationSubmitted)}) == 7


async def test_a_check_begins_again_after_a_dead_worker(hall: ServiceHarness) -> None:
    answer = await send(hall, filled(await template(hall), [newcomer(), newcomer()]))
    batch_id = UUID(answer.json()["id"])
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(
            text(
                "INSERT INTO batch_rows (employer_no, batch_id, number, state, sealed)"
                " VALUES (:unit, :id, 2, 'bad', '')"
            ),
            {"unit": UNIT, "id": batch_id},
        )
    await run_due_jobs(hall.runtime)
    assert (await batch(hall, str(batch_id)))["good"] == 2


async def test_a_unit_that_may_not_declare_uploads_nothing(hall: ServiceHarness) -> None:
    answer = await send(hall, filled(await template(hall), [newcomer()]), unit=VIRTUAL)
    assert (answer.status_code, answer.json()["code"]) == (409, "online_declaration_closed")


async def test_a_unit_that_is_closed_in_the_meantime_hands_in_nothing(hall: ServiceHarness) -> None:
    seen = await checked(hall, filled(await template(hall), [newcomer()]))
    await confirm(hall, seen)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(
            text("UPDATE employers SET online_declaration = false WHERE employer_no = :unit"), {"unit": UNIT}
        )
    await run_due_jobs(hall.runtime)
    stopped = await batch(hall, seen["id"])
    assert (stopped["stage"], stopped["status"], stopped["good"]) == ("checked", "failed", 1)
    assert await events(hall, ApplicationSubmitted) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file_empty"), (b"x" * (8 * 2**20 + 1), "file_too_large")],
    ids=["empty", "too large"],
)
async def test_files_that_are_refused_at_once(hall: ServiceHarness, content: bytes, code: str) -> None:
    answer = await send(hall, content)
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [("/file", code)]


async def test_a_file_of_another_kind_is_refused_with_the_reason(hall: ServiceHarness) -> None:
    seen = await checked(hall, "证件类型,证件号码\n".encode() * 99)
    assert (seen["stage"], seen["file_fault"]["code"]) == ("refused", "file_is_text")
    assert await faulty_rows(hall, seen["id"]) == []
    again = await send(hall, "证件类型,证件号码\n".encode() * 99)
    assert again.json()["stage"] == "checking"


async def test_only_so_many_files_at_once(hall: ServiceHarness) -> None:
    blank = await template(hall)
    files = [filled(blank, [newcomer()]) for _ in range(6)]
    statuses = [(await send(hall, content)).status_code for content in files]
    assert statuses == [202] * 5 + [409]


async def test_a_stale_look_confirms_nothing(hall: ServiceHarness) -> None:
    seen = await checked(hall, filled(await template(hall), [newcomer()]))
    answer = await confirm(hall, {**seen, "version": seen["version"] - 1})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    assert (await submitted(hall, seen))["submitted"] == 1
