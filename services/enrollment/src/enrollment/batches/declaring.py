"""What each kind of batch does with its rows: the bulk counterparts of the forms' use cases."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.additions import bulk as additions
from enrollment.additions.rules import Declared, read_addition
from enrollment.batches.checking import ID_NUMBER, ID_TYPE, Texts, module
from enrollment.dictionaries.rules import Dictionary
from enrollment.employers.rules import Unit
from enrollment.removals import bulk as removals
from servicekit.auth import Clerk
from servicekit.refusals import FieldFault, Refusal

_NAME, _START_MONTH = "/person/name", "/insurance/start_month"
Outcome = str | Sequence[FieldFault]
"""The number of the application that a row became, or why it became none."""


class Declaring(Protocol):
    """One kind of batch."""

    async def faults(
        self, tx: AsyncSession, rows: Sequence[Texts], *, employer_no: str, dictionary: Dictionary, today: date
    ) -> list[Sequence[FieldFault]]:
        """What the database has against each row now, whatever else is wrong with it. Nothing is written."""
        ...

    async def submit(
        self,
        tx: AsyncSession,
        clerk: Clerk,
        unit: Unit,
        rows: Sequence[Texts],
        *,
        dictionary: Dictionary,
        today: date,
        now: datetime,
    ) -> list[Outcome]:
        """Hands the rows in; every rule is looked at again."""
        ...


class Additions:
    """批量增员."""

    async def faults(
        self, tx: AsyncSession, rows: Sequence[Texts], *, employer_no: str, dictionary: Dictionary, today: date
    ) -> list[Sequence[FieldFault]]:
        """Insured elsewhere, pending already, registered under another name."""
        named = _named(rows)
        newcomers = [
            additions.Newcomer(row[ID_TYPE], row[ID_NUMBER], row[_NAME], _start_month(row, today))
            for row in named.values()
        ]
        found = await additions.refusals(tx, newcomers, employer_no=employer_no)
        by_place = {place: [_as_fault(one)] for place, one in zip(named, found, strict=True) if one is not None}
        return [by_place.get(place, []) for place in range(len(rows))]

    async def submit(
        self,
        tx: AsyncSession,
        clerk: Clerk,
        unit: Unit,
        rows: Sequence[Texts],
        *,
        dictionary: Dictionary,
        today: date,
        now: datetime,
    ) -> list[Outcome]:
        """Declares the people of these rows."""
        read = await asyncio.to_thread(_read_all, rows, today, dictionary)
        declared = [facts for facts, _ in read if facts is not None]
        written = iter(await additions.submit_many(tx, clerk, unit, declared, today=today, now=now))
        return [_outcome(next(written)) if facts is not None else faults for facts, faults in read]


class Removals:
    """批量减员."""

    async def faults(
        self, tx: AsyncSession, rows: Sequence[Texts], *, employer_no: str, dictionary: Dictionary, today: date
    ) -> list[Sequence[FieldFault]]:
        """Not insured here, pending already, another name, dates that can't be."""
        named = _named(rows)
        departing = [_departing(row) for row in named.values()]
        found = await removals.faults(tx, departing, employer_no=employer_no, today=today, dictionary=dictionary)
        by_place = dict(zip(named, found, strict=True))
        return [by_place.get(place, []) for place in range(len(rows))]

    async def submit(
        self,
        tx: AsyncSession,
        clerk: Clerk,
        unit: Unit,
        rows: Sequence[Texts],
        *,
        dictionary: Dictionary,
        today: date,
        now: datetime,
    ) -> list[Outcome]:
        """Declares that the people of these rows leave."""
        departing = [_departing(row) for row in rows]
        return await removals.submit_many(tx, clerk, unit, departing, dictionary=dictionary, today=today, now=now)


def _named(rows: Sequence[Texts]) -> dict[int, Texts]:
    """Those rows that say who they are about, by their places."""
    return {place: row for place, row in enumerate(rows) if row.keys() >= {ID_TYPE, ID_NUMBER, _NAME}}


def _departing(row: Texts) -> removals.Departing:
    return removals.Departing(row[ID_TYPE], row[ID_NUMBER], row[_NAME], module(row, "removal"))


def _read_all(
    rows: Sequence[Texts], today: date, dictionary: Dictionary
) -> list[tuple[Declared | None, list[FieldFault]]]:
    return [
        read_addition(module(row, "person"), module(row, "insurance"), today=today, dictionary=dictionary)
        for row in rows
    ]


def _start_month(row: Texts, today: date) -> Month:
    try:
        return Month.parse(row.get(_START_MONTH, ""))
    except ValueError:
        return Month.of(today)  # the row has that fault; the person is looked at all the same


def _as_fault(refusal: Refusal) -> FieldFault:
    return FieldFault(refusal.pointer or "", refusal.code, refusal.detail)


def _outcome(written: str | Refusal) -> Outcome:
    return written if isinstance(written, str) else [_as_fault(written)]


DECLARING: Mapping[str, Declaring] = {"addition": Additions(), "removal": Removals()}
"""Every kind of batch."""
