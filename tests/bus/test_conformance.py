"""What both transports must do alike. Each test runs on the in-process transport and on a real RabbitMQ."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from contracts.identity import MandateGranted, MandateRemoved, SessionEnded
from servicekit import outbox, parking
from servicekit.audit import AUDIT_LOG
from servicekit.bus.protocol import Message, Unroutable
from servicekit.consumer import Park, Retry
from servicekit.db.tx import Scope, begin
from servicekit.db.types import utc_now
from servicekit.ids import uuid7
from servicekit.refusals import Refusal
from tests.bus.conftest import Bus
from tests.bus.sample import granted, times_noted
from tests.support.waiting import until

QUEUE = "sample.note_grant"


class NotNow(Refusal):
    """A rule says no."""

    code = "not_now"
    title = "现在不行"


async def _times(bus: Bus, mandate_id: UUID) -> int:
    async with begin(bus.runtime, scope=Scope.system()) as tx:
        return await times_noted(tx, mandate_id)


async def _until_noted(bus: Bus, mandate_id: UUID) -> None:
    async def noted() -> bool:
        return await _times(bus, mandate_id) > 0

    await until(noted)


async def _until_published(bus: Bus) -> None:
    async def published() -> bool:
        async with begin(bus.runtime, scope=Scope.system()) as tx:
            waiting = select(outbox.table.c.id).where(outbox.table.c.published_at.is_(None)).limit(1)
            return (await tx.execute(waiting)).first() is None

    await until(published)


async def _envelope(bus: Bus, event: MandateGranted) -> Message:
    """The outbox row of an event, as the message it becomes."""
    async with begin(bus.runtime, scope=Scope.system()) as tx:
        rows = (await tx.execute(select(outbox.table))).all()
    row = next(row for row in rows if row.envelope["data"].get("mandate_id") == str(event.mandate_id))
    return Message(str(row.id), row.type, json.dumps(row.envelope).encode())


async def test_what_is_announced_is_handled_once(bus: Bus) -> None:
    events = [granted() for _ in range(50)]
    await bus.announce(*events)
    for event in events:
        await _until_noted(bus, event.mandate_id)
    await _until_published(bus)
    assert [await _times(bus, event.mandate_id) for event in events] == [1] * 50
    assert await bus.parked() == []
    async with begin(bus.runtime, scope=Scope.system()) as tx:  # and went out once, though two loops relay
        assert set(await tx.scalars(select(outbox.table.c.attempts))) == {1}


async def test_nothing_is_announced_when_the_use_case_fails(bus: Bus) -> None:
    event = granted()

    async def refused_use_case() -> None:
        async with begin(bus.runtime, scope=Scope.system()) as tx:
            await outbox.add(tx, event)
            raise NotNow

    with pytest.raises(NotNow):
        await refused_use_case()
    marker = granted()
    await bus.announce(marker)
    await _until_noted(bus, marker.mandate_id)
    assert await _times(bus, event.mandate_id) == 0


async def test_the_same_message_again_has_no_second_effect(bus: Bus) -> None:
    event = granted()
    await bus.announce(event)
    await _until_noted(bus, event.mandate_id)
    message = await _envelope(bus, event)
    for _ in range(3):
        await bus.transport.publish(message, mandatory=False)
    marker = granted()
    await bus.announce(marker)
    await _until_noted(bus, marker.mandate_id)
    assert await _times(bus, event.mandate_id) == 1
    assert bus.behaviour.attempts.count(event.mandate_id) == 1


async def test_a_crash_after_publish_and_before_the_mark_sends_again_and_does_no_harm(bus: Bus) -> None:
    event = granted()
    await bus.announce(event)
    await _until_noted(bus, event.mandate_id)
    await _until_published(bus)
    async with begin(bus.runtime, scope=Scope.system()) as tx:  # the mark that the crash lost
        await tx.execute(update(outbox.table).values(published_at=None))
    await _until_published(bus)
    marker = granted()
    await bus.announce(marker)
    await _until_noted(bus, marker.mandate_id)
    assert await _times(bus, event.mandate_id) == 1


async def test_a_failing_handler_is_tried_again_after_a_delay_and_leaves_nothing_half_done(bus: Bus) -> None:
    async def twice_wrong(event: MandateGranted) -> None:
        if bus.behaviour.attempts.count(event.mandate_id) <= 2:
            raise ValueError("not yet")

    bus.behaviour.on_grant = twice_wrong
    event = granted()
    await bus.announce(event)
    await _until_noted(bus, event.mandate_id)
    assert bus.behaviour.attempts.count(event.mandate_id) == 3
    assert await _times(bus, event.mandate_id) == 1


async def test_a_handler_that_hangs_is_cut_off_and_tried_again(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servicekit.consumer.HANDLER_SECONDS", 0.2)

    async def hang_once(event: MandateGranted) -> None:
        if bus.behaviour.attempts.count(event.mandate_id) == 1:
            await asyncio.Event().wait()

    bus.behaviour.on_grant = hang_once
    event = granted()
    await bus.announce(event)
    await _until_noted(bus, event.mandate_id)
    assert await _times(bus, event.mandate_id) == 1


async def test_a_handler_can_ask_for_another_time(bus: Bus) -> None:
    async def gap(event: MandateGranted) -> None:
        if bus.behaviour.attempts.count(event.mandate_id) == 1:
            raise Retry("an older version is still missing")

    bus.behaviour.on_grant = gap
    event = granted()
    await bus.announce(event)
    await _until_noted(bus, event.mandate_id)


async def test_what_fails_every_time_is_parked_after_all_tiers(bus: Bus) -> None:
    async def wrong(event: MandateGranted) -> None:
        raise ValueError("personal words of the error")

    bus.behaviour.on_grant = wrong
    event = granted()
    await bus.announce(event)
    (parked,) = await bus.until_parked()
    assert parked.reason == "failed_too_often"
    assert "personal words" not in parked.detail
    assert bus.behaviour.attempts.count(event.mandate_id) == 4
    assert await _times(bus, event.mandate_id) == 0


async def test_a_lost_database_does_not_count_against_the_message(bus: Bus) -> None:
    async def outage(event: MandateGranted) -> None:
        if bus.behaviour.attempts.count(event.mandate_id) <= 6:
            raise ConnectionResetError

    bus.behaviour.on_grant = outage
    event = granted()
    await bus.announce(event)
    await _until_noted(bus, event.mandate_id)
    assert bus.behaviour.attempts.count(event.mandate_id) == 7


@pytest.mark.parametrize(
    ("fault", "reason"), [(Park("broken for good"), "parked_by_handler"), (NotNow(), "refused: not_now")]
)
async def test_refusals_park_at_once(bus: Bus, fault: Exception, reason: str) -> None:
    async def refuse(event: MandateGranted) -> None:
        raise fault

    bus.behaviour.on_grant = refuse
    event = granted()
    await bus.announce(event)
    (parked,) = await bus.until_parked()
    assert (parked.reason, parked.type) == (reason, MandateGranted.wire_name)
    assert len(bus.behaviour.attempts) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "unreadable_body"),
        (b"{}", "unreadable_body"),
        (b"\xff\xfe", "unreadable_body"),
        ("envelope with unknown type", "unknown_type"),
        ("envelope with wrong data", "unreadable_data"),
    ],
    ids=["no JSON", "no envelope", "no text", "unknown version", "wrong data"],
)
async def test_what_can_not_be_read_is_parked_at_once(bus: Bus, body: bytes | str, reason: str) -> None:
    if isinstance(body, str):
        unknown = "unknown" in body
        envelope = {
            "specversion": "1.0",
            "id": str(uuid7()),
            "source": "/hall/identity",
            "type": "identity.mandate_granted.v9" if unknown else MandateGranted.wire_name,
            "time": utc_now().isoformat(),
            "data": granted().model_dump(mode="json") if unknown else {"mandate_id": "x"},
        }
        body = json.dumps(envelope).encode()
    await bus.transport.publish(Message(str(uuid7()), MandateGranted.wire_name, body), mandatory=False)
    (parked,) = await bus.until_parked()
    assert (parked.reason, parked.body) == (reason, body)


async def test_one_poison_message_leaves_the_others_unharmed_and_is_redriven_after_the_fix(bus: Bus) -> None:
    events = [granted() for _ in range(200)]
    poison = events[77].mandate_id

    async def poisoned(event: MandateGranted) -> None:
        if event.mandate_id == poison:
            raise Park("poison")

    bus.behaviour.on_grant = poisoned
    await bus.announce(*events)
    (parked,) = await bus.until_parked()
    for event in events:
        if event.mandate_id != poison:
            await _until_noted(bus, event.mandate_id)
    assert await _times(bus, poison) == 0

    bus.behaviour.on_grant = None  # the fix
    assert await parking.redrive(bus.runtime, QUEUE, frozenset({parked.id}), who="tester") == [parked.id]
    await _until_noted(bus, poison)
    assert [await _times(bus, event.mandate_id) for event in events] == [1] * 200
    assert await bus.parked() == []


async def test_one_queues_retry_does_not_wake_what_another_has_parked(bus: Bus) -> None:
    tries: list[object] = []

    async def refuse(event: MandateGranted) -> None:
        raise Park("no")

    async def twice_wrong(event: object) -> None:
        tries.append(event)
        if len(tries) <= 2:
            raise Retry("not yet")

    bus.behaviour.on_grant, bus.behaviour.on_watch = refuse, twice_wrong
    event = granted()
    await bus.announce(event)
    (parked,) = await bus.until_parked()

    async def watched() -> bool:
        return len(tries) == 3

    await until(watched)
    await _until_published(bus)
    assert bus.behaviour.attempts == [event.mandate_id]

    bus.behaviour.on_grant = None
    assert await parking.redrive(bus.runtime, QUEUE, None, who="tester") == [parked.id]
    await _until_noted(bus, event.mandate_id)


async def test_discarding_drops_only_what_was_named(bus: Bus) -> None:
    async def refuse(event: MandateGranted) -> None:
        raise Park("no")

    bus.behaviour.on_grant = refuse
    await bus.announce(granted(), granted())
    first, second = await bus.until_parked(2)
    assert await parking.find(bus.runtime, first.id) == [first]
    assert await parking.discard(bus.runtime, QUEUE, frozenset({first.id}), who="tester") == [first.id]
    assert [message.id for message in await bus.parked()] == [second.id]
    with pytest.raises(LookupError):
        await parking.discard(bus.runtime, "sample.nothing", frozenset({first.id}), who="tester")


async def test_how_much_is_parked_is_counted(bus: Bus) -> None:
    async def refuse(event: MandateGranted) -> None:
        raise Park("no")

    assert await parking.counts(bus.runtime) == {QUEUE: 0, "sample.watch_mandates": 0}
    bus.behaviour.on_grant = refuse
    await bus.announce(granted(), granted())
    await bus.until_parked(2)

    async def counted() -> bool:  # the broker counts a moment after it has it
        return await parking.counts(bus.runtime) == {QUEUE: 2, "sample.watch_mandates": 0}

    await until(counted)


async def test_order_does_not_matter(bus: Bus) -> None:
    event, other = granted(), granted()
    held = asyncio.Event()

    async def hold_first(announced: MandateGranted) -> None:
        if announced.mandate_id == event.mandate_id:
            await held.wait()

    bus.behaviour.on_grant = hold_first
    await bus.announce(event, other)
    await _until_noted(bus, other.mandate_id)
    assert await _times(bus, event.mandate_id) == 0
    held.set()
    await _until_noted(bus, event.mandate_id)


async def test_every_process_hears_a_broadcast(bus: Bus) -> None:
    heard: list[UUID] = []

    async def drop(event: SessionEnded) -> None:
        heard.append(event.session_id)

    ended = SessionEnded(session_id=uuid7(), account_id=uuid7(), reason="logout")
    async with bus.transport.broadcast({SessionEnded: drop}):
        if bus.amqp is not None:
            await bus.amqp.ready()
        await bus.announce(ended)

        async def both() -> bool:
            return heard == [ended.session_id] and bus.behaviour.heard == [ended]

        await until(both)


async def test_a_hearers_fault_hurts_nobody_else(bus: Bus) -> None:
    async def break_down(event: MandateGranted) -> None:
        raise ValueError

    async with bus.transport.broadcast({MandateGranted: break_down}):
        if bus.amqp is not None:
            await bus.amqp.ready()
        first, second = granted(), granted()
        await bus.announce(first, second)
        await _until_noted(bus, first.mandate_id)
        await _until_noted(bus, second.mandate_id)


async def test_an_event_that_somebody_must_get_and_nobody_takes_stays_in_the_outbox(bus: Bus) -> None:
    message = Message(str(uuid7()), "identity.unheard.v1", b"{}")
    with pytest.raises(Unroutable):
        await bus.transport.publish(message, mandatory=True, listeners=("nobody",))
    await bus.transport.publish(message, mandatory=False)  # nobody has to: no fault

    removed = MandateRemoved(mandate_id=uuid7(), account_id=uuid7(), employer_no="330200000000000101")
    async with begin(bus.runtime, scope=Scope.system()) as tx:
        await outbox.add(tx, removed)
        await tx.execute(
            update(outbox.table).values(
                type="identity.unheard.v1", listeners=["nobody"], next_attempt_at=utc_now() - timedelta(seconds=1)
            )
        )

    async def tried() -> bool:
        async with begin(bus.runtime, scope=Scope.system()) as tx:
            row = (await tx.execute(select(outbox.table))).one()
            assert row.published_at is None
            return bool(row.last_error == "Unroutable")

    await until(tried)


async def test_a_stopping_worker_finishes_what_is_under_way(bus: Bus) -> None:
    entered, release = asyncio.Event(), asyncio.Event()

    async def slow(event: MandateGranted) -> None:
        entered.set()
        await release.wait()

    bus.behaviour.on_grant = slow
    event = granted()
    await bus.announce(event)
    await entered.wait()
    stopping = asyncio.create_task(bus.worker.stop())
    release.set()
    await stopping
    assert await _times(bus, event.mandate_id) == 1


async def test_parked_messages_are_audited_when_touched(bus: Bus) -> None:
    async def refuse(event: MandateGranted) -> None:
        raise Park("no")

    bus.behaviour.on_grant = refuse
    await bus.announce(granted())
    (parked,) = await bus.until_parked()
    await parking.discard(bus.runtime, QUEUE, frozenset({parked.id}), who="tester")
    async with begin(bus.runtime, scope=Scope.system()) as tx:
        row = (await tx.execute(select(AUDIT_LOG))).mappings().one()
    assert (row["action"], row["subject"]) == ("message.discarded", QUEUE)
    assert row["facts"] == {"ids": [parked.id], "who": "tester"}
