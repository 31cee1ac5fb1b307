"""Rules that hold for applications of every kind: their states and their numbers. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args
from uuid import UUID

from contracts.values.month import Month
from servicekit.refusals import Refusal

Level = Literal["ok", "warning", "refusal"]
"""How much one automatic check weighs: nothing, look at it, an approval would run into it."""
EffectKind = Literal["coverage_started", "coverage_stopped", "person_changed", "change_released"]
Kind = Literal["addition", "removal", "person_change", "employer_change"]
Status = Literal["pending", "withdrawn", "approved", "rejected"]
KINDS: tuple[Kind, ...] = get_args(Kind)
STATUSES: tuple[Status, ...] = get_args(Status)
LEVELS: tuple[Level, ...] = get_args(Level)

# The one transition table. What is not here does not happen: decided and withdrawn are final.
TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    "pending": frozenset({"withdrawn", "approved", "rejected"}),
    "withdrawn": frozenset(),
    "approved": frozenset(),
    "rejected": frozenset(),
}

_NUMBER = re.compile(r"[0-9]{8}-?[0-9]{8}")
_IN_CHINESE: Mapping[Status, str] = {
    "pending": "待审核",
    "withdrawn": "已撤销",
    "approved": "审核通过",
    "rejected": "审核不通过",
}


class AlreadyPending(Refusal):
    code = "already_pending"
    title = "已有待审核的申报"
    detail = "本单位已为该人员提交同类申报且尚未审核，请勿重复提交；如需修改，请先撤销原申报。"


class AdditionPending(Refusal):
    code = "addition_pending"
    title = "该人员有待审核的增员申报"


class RemovalPending(Refusal):
    code = "removal_pending"
    title = "该人员有待审核的减员申报"


class NoLongerValid(Refusal):
    """A declaration read again, by the code tables and rules of now, has faults."""

    code = "no_longer_valid"
    title = "申报内容已不符合要求"


class AlreadyFinal(Refusal):
    code = "application_final"
    title = "该申报已办结"


@dataclass(frozen=True)
class Effect:
    """One thing that an approval did, kept with the decision. Ids and facts only."""

    what: EffectKind
    coverage_id: UUID | None = None
    insurance: str | None = None
    month: Month | None = None
    """From when it holds: the first month owed of a start, the stop month of a stop."""
    fields: tuple[str, ...] = ()
    """Which fields of a person or of the unit's registration."""

    def kept(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "what": self.what,
            "coverage_id": None if self.coverage_id is None else str(self.coverage_id),
            "insurance": self.insurance,
            "month": None if self.month is None else str(self.month),
            "fields": list(self.fields),
        }


def move(status: Status, to: Status) -> Status:
    """The state after a transition.

    Raises:
        AlreadyFinal: the table does not allow it.
    """
    if to not in TRANSITIONS[status]:
        raise AlreadyFinal(
            f"该申报当前状态为“{_IN_CHINESE[status]}”，不能再变更为“{_IN_CHINESE[to]}”，请刷新页面查看最新结果"
        )
    return to


def check_nothing_pending(pending: Mapping[Kind, str], kind: Kind, *, pointer: str | None) -> None:
    """One pending application of a kind per person and unit, and no addition beside a removal (rule 5).

    Args:
        pending: numbers of the unit's pending applications about the person, by kind.
        kind: what is about to be handed in.
        pointer: the field that names the person.

    Raises:
        AlreadyPending, AdditionPending, RemovalPending: with the number and what to do.
    """
    if kind in pending:
        raise AlreadyPending(
            f"本单位已为该人员提交同类申报（流水号 {pending[kind]}）且尚未审核，请勿重复提交；"
            "如需修改，请先撤销原申报。",
            pointer=pointer,
        )
    if kind == "removal" and (no := pending.get("addition")):
        raise AdditionPending(
            f"该人员的增员申报（流水号 {no}）尚未审核，不能办理减员；如不再参保，请在“待审核数据”中撤销该增员申报。",
            pointer=pointer,
        )
    if kind == "addition" and (no := pending.get("removal")):
        raise RemovalPending(
            f"该人员的减员申报（流水号 {no}）尚未审核，不能办理增员；请先撤销该减员申报，或待审核后再申报。",
            pointer=pointer,
        )


def described(status: Status) -> str:
    """A state in the words of the pages."""
    return _IN_CHINESE[status]


def application_number(day: date, sequence: int) -> str:
    """申报流水号: business date, dash, eight digits; can be read out over the telephone. `20261123-00000042`."""
    return f"{day:%Y%m%d}-{sequence % 100_000_000:08d}"


def read_number(text: str) -> str | None:
    """A number as somebody typed it, with or without the dash; None when it can't be one."""
    if not _NUMBER.fullmatch(text):
        return None
    digits = text.replace("-", "")
    return f"{digits[:8]}-{digits[8:]}"
