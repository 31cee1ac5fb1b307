"""The swap cache: bounded, single-flight, and never true for longer than the world is."""

import asyncio

import pytest

from gateway.sessions import Credential, News, Swap, SwapCache, refusal_code

ONE: Credential = ("session", "one")
TWO: Credential = ("session", "two")
TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class World:
    """Identity and the clock."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.asked: list[Credential] = []
        self.answers: dict[Credential, Swap] = {
            ONE: Swap("granted", b"Bearer 1", "session-1", "account-1", "330", 120.0),
            TWO: Swap("granted", b"Bearer 2", "session-2", "account-1", "331", 120.0),
        }
        self.gate = asyncio.Event()
        self.gate.set()
        self.cache = SwapCache(self.swap, lambda: self.now, size=3)

    async def swap(self, credential: Credential, traceparent: bytes) -> Swap:
        """Identity answers with what it knew when it was asked."""
        self.asked.append(credential)
        answer = self.answers.get(credential, Swap("refused"))
        await self.gate.wait()
        return answer

    async def get(self, credential: Credential) -> Swap:
        """Ask the cache."""
        return await self.cache.get(credential, TRACE)


async def test_kept_for_a_minute_at_most() -> None:
    world = World()
    await world.get(ONE)
    world.now += 59.9
    await world.get(ONE)
    assert len(world.asked) == 1
    world.now += 0.2
    await world.get(ONE)
    assert len(world.asked) == 2


async def test_never_kept_beyond_the_token() -> None:
    world = World()
    world.answers[ONE] = Swap("granted", b"Bearer 1", "session-1", "account-1", None, 20.0)
    await world.get(ONE)
    world.now += 14.9
    assert world.cache.cached(ONE) is not None
    world.now += 0.2
    assert world.cache.cached(ONE) is None


async def test_refusals_are_kept_shortly_and_faults_never() -> None:
    world = World()
    unknown: Credential = ("session", "unknown")
    assert (await world.get(unknown)).outcome == "refused"
    await world.get(unknown)
    assert len(world.asked) == 1
    world.now += 6
    await world.get(unknown)
    assert len(world.asked) == 2
    world.answers[ONE] = Swap("unavailable")
    await world.get(ONE)
    await world.get(ONE)
    assert len(world.asked) == 4


async def test_bounded_and_the_oldest_goes_first() -> None:
    world = World()
    for number in range(5):
        world.answers["api_key", f"hk_{number}"] = Swap("granted", b"Bearer", f"key-{number}", "account-1", None, 120.0)
        await world.get(("api_key", f"hk_{number}"))
    assert len(world.cache) == 3
    assert world.cache.cached(("api_key", "hk_1")) is None
    assert world.cache.cached(("api_key", "hk_4")) is not None


async def test_made_up_credentials_push_nobody_out() -> None:
    world = World()
    await world.get(ONE)
    await world.get(TWO)
    for number in range(50):
        assert (await world.get(("session", f"made up {number}"))).outcome == "refused"
    assert len(world.cache) == 3
    await world.get(ONE)
    await world.get(TWO)
    assert world.asked.count(ONE) == world.asked.count(TWO) == 1


async def test_news_of_a_session_concerns_only_it() -> None:
    world = World()
    await world.get(ONE)
    await world.get(TWO)
    assert world.cache.hear(News(session_id="session-1")) == 1
    assert world.cache.cached(ONE) is None
    assert world.cache.cached(TWO) is not None


@pytest.mark.parametrize(
    ("news", "one_stays", "two_stays"),
    [
        (News(account_id="account-1", employer_no="330"), False, True),
        (News(account_id="account-1"), False, False),
        (News(account_id="account-2", employer_no="330"), True, True),
    ],
)
async def test_news_of_a_mandate(news: News, one_stays: bool, two_stays: bool) -> None:
    world = World()
    await world.get(ONE)
    await world.get(TWO)
    world.cache.hear(news)
    assert (world.cache.cached(ONE) is not None) == one_stays
    assert (world.cache.cached(TWO) is not None) == two_stays


async def test_a_revoked_key_is_heard_of_by_its_id() -> None:
    world = World()
    key: Credential = ("api_key", "hk_1")
    world.answers[key] = Swap("granted", b"Bearer k", "key-1", "account-1", "330", 120.0, requests_per_minute=60)
    await world.get(key)
    kept = world.cache.cached(key)
    assert kept is not None
    assert kept.requests_per_minute == 60
    assert world.cache.hear(News(session_id="key-1")) == 1
    assert world.cache.cached(key) is None


async def test_swap_overtaken_by_news_is_asked_again_and_not_kept() -> None:
    world = World()
    world.gate.clear()
    early = asyncio.create_task(world.get(ONE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    world.cache.hear(News(session_id="session-1"))
    del world.answers[ONE]
    late = asyncio.create_task(world.get(ONE))  # comes after the news: must not join the older swap
    world.gate.set()

    assert (await early).outcome == "refused"
    assert (await late).outcome == "refused"
    assert len(world.asked) == 3


async def test_swap_that_news_did_not_concern_is_used_but_not_kept() -> None:
    world = World()
    world.gate.clear()
    early = asyncio.create_task(world.get(ONE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    world.cache.hear(News(session_id="somebody-else"))
    world.gate.set()

    assert (await early).authorization == b"Bearer 1"
    assert len(world.asked) == 1


async def test_session_that_ends_at_every_attempt_is_not_granted() -> None:
    world = World()

    async def swap(credential: Credential, traceparent: bytes) -> Swap:
        world.asked.append(credential)
        cache.hear(News(session_id="session-1"))
        return world.answers[ONE]

    cache = SwapCache(swap, lambda: world.now)
    assert (await cache.get(ONE, TRACE)).outcome == "unavailable"
    assert len(world.asked) == 3
    assert len(cache) == 0


async def test_nothing_is_kept_while_the_bus_is_away_and_all_is_forgotten_after() -> None:
    world = World()
    await world.get(ONE)
    world.cache.set_deaf(True)
    assert world.cache.cached(ONE) is None
    await world.get(ONE)
    await world.get(ONE)
    assert len(world.asked) == 3
    world.cache.set_deaf(False)
    await world.get(ONE)
    await world.get(ONE)
    assert len(world.asked) == 4


async def test_swap_under_way_when_news_may_have_been_missed_is_asked_again() -> None:
    world = World()
    world.gate.clear()
    early = asyncio.create_task(world.get(ONE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    world.cache.forget()
    del world.answers[ONE]
    world.gate.set()
    assert (await early).outcome == "refused"


async def test_dropped_credential_is_not_brought_back_by_a_swap_under_way() -> None:
    world = World()
    world.gate.clear()
    early = asyncio.create_task(world.get(ONE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    world.cache.drop(ONE)
    world.gate.set()
    await early
    assert world.cache.cached(ONE) is None


def test_refusal_codes() -> None:
    assert refusal_code(Swap("refused"), "session") == "session_expired"
    assert refusal_code(Swap("refused"), "api_key") == "invalid_api_key"
    assert refusal_code(Swap("unavailable"), "session") == "identity_unavailable"
