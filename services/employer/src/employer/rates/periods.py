"""Periods of validity: what becomes of the known ones when another takes its place among them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from contracts.values.month import Month

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Period(Generic[V]):
    """A value that holds from one month to another, both included; without a last one until further notice."""

    first: Month
    last: Month | None
    value: V

    def holds_in(self, month: Month) -> bool:
        """Whether a month lies in it."""
        return self.first <= month and (self.last is None or month <= self.last)


def placed(known: Iterable[Period[V]], new: Period[V]) -> list[Period[V]]:
    """The periods once `new` holds: what it covers gives way, what lies around it stays. In order, none overlapping."""
    kept: list[Period[V]] = [new]
    for old in known:
        if old.first < new.first:
            before = new.first.previous()
            kept.append(old if old.last is not None and old.last <= before else replace(old, last=before))
        if new.last is not None and (old.last is None or old.last > new.last):
            kept.append(replace(old, first=max(old.first, new.last.next())))
    return sorted(kept, key=lambda period: period.first)
