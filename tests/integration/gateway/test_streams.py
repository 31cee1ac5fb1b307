"""Event streams end with the right to see them: within moments of the news, and nobody else's with them."""

import asyncio
from uuid import UUID, uuid4

import pytest

from contracts.base import Event
from contracts.identity import ApiKeyRevoked, MandateChanged, MandateRemoved, PersonLinked, SessionEnded
from gateway.sessions import News
from servicekit.bus.inprocess import InProcessTransport
from servicekit.bus.protocol import Message
from servicekit.outbox import envelope_of
from tests.integration.gateway.rig import (
    SESSION,
    Client,
    Request,
    Rig,
    UpstreamConnection,
    grant,
    running,
    until,
)

PATH = "/api/enrollment/applications/events"
COOKIE = f"Cookie: {SESSION}"
UNIT, OTHER_UNIT = "330200000000000101", "330200000000000102"
EVENT = b"event: job\ndata: {}\n\n"
PATIENCE = 5.0


async def stream(connection: UpstreamConnection, request: Request) -> None:
    """A service that says one thing and then waits for more to say."""
    await connection.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    await connection.say(b"%x\r\n%b\r\n" % (len(EVENT), EVENT))
    assert await connection.closed()


async def opened(rig: Rig, *headers: str) -> Client:
    """Somebody who follows a stream and has heard the first event."""
    rig.service.behaviour = stream
    client = await rig.client()
    await client.send("\r\n".join([f"GET {PATH} HTTP/1.1", "Host: hall.test", *headers, "\r\n"]).encode())
    status, _ = await client.head()
    assert status == 200
    assert await client.chunk() == EVENT
    return client


async def ends(client: Client) -> bool:
    """Whether the stream ends in order, as a page needs it to connect again at once."""
    async with asyncio.timeout(PATIENCE):
        return await client.chunk() == b""


@pytest.mark.parametrize(
    "news",
    [
        News(session_id="session-1"),
        News(account_id="account-1", employer_no=UNIT),
        News(account_id="account-1"),
    ],
)
async def test_a_stream_ends_with_what_it_was_opened_by(rig: Rig, news: News) -> None:
    client = await opened(rig, COOKIE)
    rig.gateway.swaps.hear(news)
    assert await ends(client)
    await until(lambda: len(rig.gateway.swaps.streams) == 0)
    assert rig.log == [] or rig.log[-1].get("broken") is None  # our doing, and no fault of the service


@pytest.mark.parametrize(
    "news",
    [
        News(session_id="another-session"),
        News(account_id="account-1", employer_no=OTHER_UNIT),
        News(account_id="another-account"),
    ],
)
async def test_nobody_elses_stream_ends(rig: Rig, news: News) -> None:
    client = await opened(rig, COOKIE)
    rig.gateway.swaps.hear(news)
    assert len(rig.gateway.swaps.streams) == 1
    await rig.service.connections[-1].say(b"%x\r\n%b\r\n" % (len(EVENT), EVENT))
    assert await client.chunk() == EVENT


async def test_streams_end_when_news_may_have_been_missed(rig: Rig) -> None:
    client = await opened(rig, COOKIE)
    rig.gateway.swaps.forget()
    assert await ends(client)


async def test_a_stream_that_is_just_being_opened_ends_too(rig: Rig) -> None:
    """The news comes between the question who is asking and the first byte of the answer."""
    asked, go = asyncio.Event(), asyncio.Event()

    async def slowly(connection: UpstreamConnection, request: Request) -> None:
        asked.set()
        await go.wait()
        await stream(connection, request)

    rig.service.behaviour = slowly
    client = await rig.client()
    await client.send(f"GET {PATH} HTTP/1.1\r\nHost: hall.test\r\n{COOKIE}\r\n\r\n".encode())
    await asked.wait()
    rig.gateway.swaps.hear(News(session_id="session-1"))
    go.set()
    status, _ = await client.head()
    assert status == 200
    async with asyncio.timeout(PATIENCE):
        while await client.chunk():  # at most what had come already
            pass


@pytest.mark.parametrize("what", ["session", "changed", "removed", "key", "linked"])
async def test_the_news_comes_over_the_bus(what: str) -> None:
    account, session = uuid4(), uuid4()
    transport = InProcessTransport()
    async with running(transport=transport) as rig:
        for credential in ("good-session-0123456789", "hk_good"):
            rig.identity.known[credential] = grant(account=str(account), session=str(session))
        client = await opened(rig, "X-API-Key: hk_good" if what == "key" else COOKIE)
        await transport.publish(_message(_news(what, account, session)), mandatory=False)
        assert await ends(client)


def _news(what: str, account: UUID, session: UUID) -> Event:
    unit = {"account_id": account, "employer_no": UNIT}
    events: dict[str, Event] = {
        "session": SessionEnded(session_id=session, account_id=account, reason="logout"),
        "changed": MandateChanged(mandate_id=uuid4(), permissions=("declare",), **unit),
        "removed": MandateRemoved(mandate_id=uuid4(), **unit),
        "key": ApiKeyRevoked(key_id=session, **unit),
        "linked": PersonLinked(account_id=account, person_id=uuid4()),
    }
    return events[what]


def _message(event: Event) -> Message:
    envelope = envelope_of(event, service="identity")
    return Message(str(envelope.id), envelope.type, envelope.model_dump_json().encode())
