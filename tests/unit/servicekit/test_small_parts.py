"""Clocks, ids, ETags, pages, refusals, health, jobs."""

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI, Response

from contracts.values.month import Month
from servicekit import edge, health
from servicekit.clock import CurrentMonth, FixedClock, Now, SystemClock, Today
from servicekit.etag import IfMatch, check_version, etag_of
from servicekit.ids import uuid7
from servicekit.jobs import JobRow, standing
from servicekit.paging import Listing, Page, PageFields, PageOf
from servicekit.refusals import FieldFault, InvalidFields, Refusal, Stale, TooMany


class TestClocks:
    """Business time is Shanghai's."""

    @pytest.mark.parametrize(
        ("moment", "day", "month"),
        [
            (datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC), date(2026, 2, 28), Month(2026, 2)),
            (datetime(2026, 2, 28, 16, 0, 0, tzinfo=UTC), date(2026, 3, 1), Month(2026, 3)),
            (datetime(2026, 12, 31, 23, tzinfo=timezone(timedelta(hours=8))), date(2026, 12, 31), Month(2026, 12)),
        ],
    )
    def test_days_begin_in_shanghai(self, moment: datetime, day: date, month: Month) -> None:
        clock = FixedClock(moment)
        assert (clock.today(), clock.month()) == (day, month)
        assert clock.now() == moment

    def test_moves_only_when_moved(self) -> None:
        clock = FixedClock.on(date(2026, 3, 31), hour=23)
        clock.advance(timedelta(hours=1))
        assert clock.month() == Month(2026, 4)

    def test_needs_a_zone(self) -> None:
        with pytest.raises(ValueError, match="zone"):
            FixedClock(datetime(2026, 1, 1))  # noqa: DTZ001  the point of the test

    def test_a_held_business_date_leaves_time_running(self) -> None:
        held = SystemClock(business_today=date(2026, 3, 10))
        assert held.today() == date(2026, 3, 10)
        assert held.month() == Month(2026, 3)
        assert abs(held.now() - SystemClock().now()) < timedelta(minutes=1)


def test_ids_are_of_version_7_and_in_order() -> None:
    made = [uuid7() for _ in range(1000)]
    assert {identifier.version for identifier in made} == {7}
    assert len(set(made)) == 1000
    assert [m.int >> 80 for m in made] == sorted(m.int >> 80 for m in made)


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    app.state.runtime = SimpleNamespace(clock=FixedClock.on(date(2026, 3, 10)))
    edge.install(app, "probe")

    @app.put("/thing")
    async def thing(seen: IfMatch, response: Response) -> int:
        check_version(3, seen)
        response.headers["ETag"] = etag_of(4)
        return seen

    @app.get("/list")
    async def listing(page: Page) -> Listing[int]:
        return Listing[int](items=[page.offset, page.limit], total=2)

    @app.get("/time")
    async def time(month: CurrentMonth, today: Today, now: Now) -> list[str]:
        return [str(month), today.isoformat(), now.isoformat()]

    return app


@pytest.fixture
def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall.test")


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ('"v3"', 200, ""),
        ('W/"v3"', 200, ""),
        (None, 428, "if_match_required"),
        ('"v2"', 412, "stale"),
        ("v3", 412, "if_match_malformed"),
        ("*", 412, "if_match_malformed"),
        ('"v3", "v4"', 412, "if_match_malformed"),
        ('"v03"', 412, "if_match_malformed"),
        ('"v' + "9" * 30 + '"', 412, "if_match_malformed"),
        ('"v٣"', 412, "if_match_malformed"),
        ("", 412, "if_match_malformed"),
    ],
)
async def test_if_match(client: httpx.AsyncClient, header: str | None, status: int, code: str) -> None:
    headers = [] if header is None else [(b"if-match", header.encode())]
    answer = await client.put("/thing", headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["etag"] == '"v4"'
    else:
        assert answer.json()["code"] == code


async def test_pages(client: httpx.AsyncClient) -> None:
    assert (await client.get("/list?page=3&page_size=50")).json() == {"items": [100, 50], "total": 2}
    assert (await client.get("/list")).json() == {"items": [0, 20], "total": 2}
    assert (PageFields(page=2).offset, PageFields(page=2).limit) == (20, 20)
    assert PageOf(2, 10).offset == 10


async def test_the_edge_asks_the_clock(client: httpx.AsyncClient) -> None:
    assert (await client.get("/time")).json() == ["2026-03", "2026-03-10", "2026-03-10T02:00:00+00:00"]


class AlreadyInsured(Refusal):
    code = "already_insured"
    title = "该人员已在其他单位参保"


def test_refusals() -> None:
    refusal = AlreadyInsured()
    assert (str(refusal), refusal.detail, refusal.faults) == ("already_insured", AlreadyInsured.title, ())
    assert AlreadyInsured("更多。", pointer="/a").faults == (FieldFault("/a", "already_insured", "更多。"),)
    assert Stale().detail != Stale.title
    assert TooMany(retry_after=5).retry_after == 5
    assert InvalidFields([FieldFault("/b", "x", "错。")]).faults == (FieldFault("/b", "x", "错。"),)


class TestHealth:
    """Liveness and readiness."""

    @staticmethod
    async def _fine() -> None:
        return None

    @staticmethod
    async def _away() -> None:
        raise ConnectionError

    @staticmethod
    async def _hanging() -> None:
        await asyncio.Event().wait()

    async def test_ready(self) -> None:
        found = await health.readiness([health.Check("database", self._fine)])
        assert (found.status, found.checks) == ("ready", {"database": "ok"})

    async def test_degraded_without_what_can_wait(self) -> None:
        checks = [health.Check("database", self._fine), health.Check("broker", self._away, required=False)]
        assert (await health.readiness(checks)).status == "degraded"

    async def test_unready_and_alive(self) -> None:
        app = FastAPI()
        app.include_router(health.router([health.Check("database", self._away)]))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall.test") as client:
            assert (await client.get("/livez")).status_code == 200
            answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"status": "unready", "checks": {"database": "away"}}

    async def test_what_hangs_is_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(health, "_PATIENCE", 0.01)
        assert (await health.readiness([health.Check("database", self._hanging)])).status == "unready"


class TestStanding:
    """How far the work on a file is, from its job."""

    @pytest.mark.parametrize(
        ("job", "working", "counted", "shown"),
        [
            (None, True, 0, ("queued", 0, 0)),
            (None, False, 7, ("done", 7, 7)),
            (JobRow(status="running", progress=3, total=9), True, 0, ("running", 3, 9)),
            (JobRow(status="running", progress=3, total=None), True, 0, ("running", 3, 0)),
            (JobRow(status="running", progress=3, total=9), True, 7, ("running", 3, 7)),
            (JobRow(status="done", progress=9, total=9), True, 0, ("running", 9, 9)),  # it ended between two looks
            (JobRow(status="failed", progress=3, total=9), True, 0, ("running", 3, 9)),
            (JobRow(status="failed", progress=3, total=9), False, 0, ("failed", 0, 0)),
            (JobRow(status="done", progress=9, total=9), False, 7, ("done", 7, 7)),
        ],
    )
    def test_by_its_job_while_it_works(
        self, job: JobRow | None, working: bool, counted: int, shown: tuple[str, int, int]
    ) -> None:
        assert standing(job, working=working, counted=counted) == shown
