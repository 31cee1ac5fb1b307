"""Hashing: the parameters, the same text in other forms, turns."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from identity.accounts.passwords import Passwords
from servicekit.refusals import Unavailable


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


async def test_argon2id_with_the_planned_parameters(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse battery staple")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.hash("correct horse battery staple") != stored


async def test_right_and_wrong(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse battery staple")
    assert await passwords.verify(stored, "correct horse battery staple")
    assert not await passwords.verify(stored, "correct horse battery staplf")
    assert not await passwords.verify(stored, "correct horse battery staple ")
    assert not await passwords.verify(None, "nobody's password, which nobody knows")
    assert not await passwords.verify("no hash at all", "x")
    assert passwords.verified == 5


@pytest.mark.parametrize(
    ("one", "other"),
    [("café au lait, 2 fois", "cafe\u0301 au lait, 2 fois"), ("ABC, it is", "\uff21\uff22\uff23, it is")],
)
async def test_the_same_text_in_another_form(passwords: Passwords, one: str, other: str) -> None:
    assert await passwords.verify(await passwords.hash(one), other)


async def test_two_have_their_turn_and_a_hundred_wait(passwords: Passwords) -> None:
    inside, leave = [], asyncio.Event()

    async def one(number: int) -> None:
        async with passwords.turn():
            inside.append(number)
            await leave.wait()

    tasks = [asyncio.create_task(one(number)) for number in range(103)]
    await asyncio.wait({tasks[102]})
    assert isinstance(tasks[102].exception(), Unavailable)
    assert inside == [0, 1]
    tasks[50].cancel()  # a visitor who left doesn't keep a place
    leave.set()
    await asyncio.wait(tasks)
    assert sorted(inside) == [number for number in range(102) if number != 50]
    async with passwords.turn():
        pass
