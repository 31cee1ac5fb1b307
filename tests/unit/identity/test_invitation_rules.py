"""Invitations, as tables."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from identity.invitations import rules
from identity.invitations.rules import Addressee, InvitationClosed, OwnInvitation, Status
from identity.mandates.rules import ALL_PERMISSIONS, check_permissions, in_order
from servicekit.refusals import InvalidFields, TooMany

NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)
BY_NAME, BY_MOBILE = Addressee("jingban77", None), Addressee(None, b"index")
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("status", "expires_at", "shown"),
    [
        ("pending", NOW + MOMENT, "pending"),
        ("pending", NOW, "expired"),
        ("pending", NOW - MOMENT, "expired"),
        ("accepted", NOW - MOMENT, "accepted"),
        ("withdrawn", NOW + MOMENT, "withdrawn"),
    ],
)
def test_an_invitation_expires_by_itself(status: Status, expires_at: datetime, shown: Status) -> None:
    assert rules.status_at(status, expires_at=expires_at, now=NOW) == shown


def test_only_a_pending_one_can_be_answered_and_each_other_says_why() -> None:
    rules.check_open("pending", expires_at=NOW + MOMENT, now=NOW)
    reasons = set()
    for status in set(get_args(Status)) - {"pending"}:
        with pytest.raises(InvitationClosed) as refusal:
            rules.check_open(status, expires_at=NOW + MOMENT, now=NOW)
        reasons.add(refusal.value.detail)
    assert len(reasons) == 5


@pytest.mark.parametrize(
    ("to", "own_username", "own_mobile_index", "pointer"),
    [
        (BY_NAME, "jingban77", None, "/username"),
        (BY_NAME, "yongjiang", b"index", None),
        (BY_MOBILE, "yongjiang", b"index", "/mobile"),
        (BY_MOBILE, "yongjiang", b"other", None),
        (BY_MOBILE, "yongjiang", None, None),
        (BY_NAME, "yongjiang", None, None),
    ],
)
def test_nobody_invites_themselves(
    to: Addressee, own_username: str, own_mobile_index: bytes | None, pointer: str | None
) -> None:
    if pointer is None:
        rules.check_not_own(to, own_username=own_username, own_mobile_index=own_mobile_index)
        return
    with pytest.raises(OwnInvitation) as refusal:
        rules.check_not_own(to, own_username=own_username, own_mobile_index=own_mobile_index)
    assert refusal.value.pointer == pointer


@pytest.mark.parametrize(
    ("counts", "refused"),
    [
        ({}, False),
        ({"to_the_same": 2}, False),
        ({"to_the_same": 3}, True),
        ({"waiting": 199}, False),
        ({"waiting": 200}, True),
        ({"last_hour": 59}, False),
        ({"last_hour": 60}, True),
    ],
)
def test_how_often(counts: dict[str, int], refused: bool) -> None:
    all_counts = {"waiting": 0, "last_hour": 0, "to_the_same": 0, **counts}
    if not refused:
        rules.check_may_invite(BY_NAME, **all_counts)
        return
    with pytest.raises(TooMany):
        rules.check_may_invite(BY_NAME, **all_counts)


def test_permissions_come_in_one_order_and_once() -> None:
    assert in_order(["print", "declare", "print"]) == ("declare", "print")
    assert check_permissions(["query", "declare"], held=ALL_PERMISSIONS) == ("declare", "query")


@pytest.mark.parametrize(
    ("wanted", "held", "code"),
    [([], ALL_PERMISSIONS, "permissions_missing"), (["print"], ["query"], "permissions_exceeded")],
)
def test_permissions_that_cannot_be_given(wanted: list[str], held: list[str], code: str) -> None:
    with pytest.raises(InvalidFields) as refusal:
        check_permissions(wanted, held=held)  # type: ignore[arg-type]  # as a table
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/permissions", code)]
