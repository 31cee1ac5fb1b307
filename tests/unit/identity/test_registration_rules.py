"""Codes, names and how often, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from identity.registration.rules import name_fault, unit_faults
from identity.sms.rules import (
    CODE_LIFE,
    MOST_PER_HOUR_AND_ACCOUNT,
    MOST_PER_HOUR_AND_CLIENT,
    MOST_TRIES,
    check_may_send,
    may_be_used,
    read_sms_code,
    sms_code_fault,
)
from servicekit.refusals import TooMany

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


def _ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


@pytest.mark.parametrize(
    ("sent", "for_client"),
    [
        ([], 0),
        ([_ago(seconds=60)], 1),
        ([_ago(minutes=m) for m in (1, 5, 20, 59)], MOST_PER_HOUR_AND_CLIENT - 1),
    ],
)
def test_may_send(sent: list[datetime], for_client: int) -> None:
    check_may_send(sent, for_client, now=NOW)


@pytest.mark.parametrize(
    ("sent", "for_client", "wait"),
    [
        ([NOW], 0, 60),
        ([_ago(seconds=59.5)], 0, 1),
        ([_ago(seconds=0.4)], 0, 60),
        ([_ago(minutes=m) for m in (2, 3, 4, 5, 59)], 0, 60),
        ([_ago(minutes=m) for m in (2, 3, 4, 5, 6)], 0, 54 * 60),
        ([], MOST_PER_HOUR_AND_CLIENT, 3600),
    ],
)
def test_too_often(sent: list[datetime], for_client: int, wait: int) -> None:
    with pytest.raises(TooMany) as refused:
        check_may_send(sent, for_client, now=NOW)
    assert refused.value.retry_after == wait
    assert refused.value.pointer == "/mobile"


@pytest.mark.parametrize(
    ("age", "used", "tries", "usable"),
    [
        (timedelta(0), None, 0, True),
        (CODE_LIFE - timedelta(seconds=1), None, MOST_TRIES - 1, True),
        (CODE_LIFE, None, 0, False),
        (timedelta(0), NOW, 0, False),
        (timedelta(0), None, MOST_TRIES, False),
    ],
)
def test_usable_codes(age: timedelta, used: datetime | None, tries: int, usable: bool) -> None:
    assert may_be_used(expires_at=NOW - age + CODE_LIFE, used_at=used, tries=tries, now=NOW) is usable


@pytest.mark.parametrize("typed", ["012345", " 012 345 ", "\uff10\uff112345"])
def test_codes_as_typed(typed: str) -> None:
    assert read_sms_code(typed) == "012345"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "一二三四五六", "١٢٣٤٥٦", "-12345", "0x1234"])
def test_what_is_no_code(typed: str) -> None:
    assert read_sms_code(typed) is None
    fault = sms_code_fault(typed)
    assert fault is not None
    assert fault.pointer == "/sms_code"


@pytest.mark.parametrize(
    "name",
    ["陈明", "阿依古丽·买买提", "欧阳娜娜", "𠮷田", "John Smith", "Jean-Luc d'Arc", "Zoë Müller", "明" * 50],
)
def test_good_names(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize(
    "name", ["", "陈", "陈<b>", "陈明1", "陈 明", "John\nSmith", "明" * 51, "'; DROP", "陈明John", "🙂🙂", "--"]
)
def test_bad_names(name: str) -> None:
    fault = name_fault(name)
    assert fault is not None
    assert fault.pointer == "/person/name"


def test_too_often_for_one_account() -> None:
    check_may_send([], 0, MOST_PER_HOUR_AND_ACCOUNT - 1, now=NOW)
    with pytest.raises(TooMany, match="too_many"):
        check_may_send([], 0, MOST_PER_HOUR_AND_ACCOUNT, now=NOW)


@pytest.mark.parametrize(
    ("kind", "uscc", "unit_name", "faulty"),
    [
        ("agent", "91330200MA2A0B1C3J", "甬江", set()),
        ("agent", None, "甬江", {"/uscc"}),
        ("legal_representative", None, None, {"/uscc", "/unit_name"}),
        ("person", None, None, set()),
        ("person", "91330200MA2A0B1C3J", None, {"/uscc"}),
    ],
)
def test_a_unit_is_named_by_everybody_but_a_person(
    kind: str, uscc: str | None, unit_name: str | None, faulty: set[str]
) -> None:
    assert {fault.pointer for fault in unit_faults(kind, uscc, unit_name)} == faulty
