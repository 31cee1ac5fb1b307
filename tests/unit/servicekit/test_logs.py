"""Logs: one JSON line each, and nothing personal in it, whoever wrote it."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import structlog
from pydantic import BaseModel, SecretStr
from sqlalchemy.exc import IntegrityError

from contracts.values.month import Month
from servicekit import logs, redaction
from servicekit.personal import Personal
from servicekit.refusals import Refusal

ID_NUMBER = "330203199003071232"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("probe", "INFO", stream=stream)
    yield stream
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


SECRETS = [
    ID_NUMBER,
    "33020319900307123X",
    "33020319900307123x",
    "13812341234",
    "+86 138-1234-1234",
    "138 1234 1234",
    "6222020200112345678",
    "6222 0202 0011 2345 678",
    "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", "号码{}有误", "number={},", "[{}]", "'{}'", '"{}"', "a {} b", "({})", "<{}>"])
def test_personal_numbers_and_tokens_are_taken_out(secret: str, around: str) -> None:
    cleaned = redaction.text(around.format(secret))
    assert secret not in cleaned
    assert redaction.REDACTED in cleaned


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("Authorization: Bearer abc.def-123", "abc.def-123"),
        ("(b'authorization', b'Bearer sk_live_12345')", "sk_live_12345"),
        ("Cookie: __Host-hall_session=s3cr3t; other=1", "s3cr3t"),
        ("cookie=abcdef", "abcdef"),
        ("(b'cookie', b'__Host-hall_session=s3cr3t')", "s3cr3t"),
        ("set-cookie: a=b", "a=b"),
        ('{"password": "hunter2 and more"}', "hunter2"),
        ("password=hunter2&x=1", "hunter2"),
        ("api_key: k-12345", "k-12345"),
        ("sms_code=482913", "482913"),
        ("postgresql://hall:pa55@db/x", "pa55"),
        ("amqp://hall:pa55@mq:5672//", "pa55"),
    ],
)
def test_credentials_are_taken_out(said: str, secret: str) -> None:
    assert secret not in redaction.text(said)


@pytest.mark.parametrize(
    "text",
    [
        "application approved",
        "已审核通过",
        "01a20a8f-6d1f-73e5-b0a3-9c38414c8aa9",
        "3f6490bd95ba946ba0e70ead185acd89",
        "2026-03-10T10:00:00.123456+00:00",
        "employer.bill_from.parked",
        "/api/enrollment/additions/{no}",
        "127.0.0.1:5432",
        "took 12345678 ms",
    ],
)
def test_what_is_ours_stays(text: str) -> None:
    assert redaction.text(text) == text


def test_our_own_long_numbers_stay_in_fields_that_are_known_to_hold_them() -> None:
    for key in ("employer_no", "application_no", "no", "subject", "job_id", "chain"):
        assert redaction.field(key, "330200000000000101") == "330200000000000101"
        assert redaction.field(key, ID_NUMBER) == redaction.REDACTED
    assert redaction.field("detail", "330200000000000101") == redaction.REDACTED


class Colour(Enum):
    RED = "red"


class Form(BaseModel):
    name: str


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        (True, True),
        (5, 5),
        (1.5, 1.5),
        (Decimal("1.50"), "1.50"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01 00:00:00+00:00"),
        (Month(2026, 3), "2026-03"),
        (UUID(int=5), str(UUID(int=5))),
        (Colour.RED, "red"),
        (PurePosixPath("/a/b"), "/a/b"),
        ([1, "x", ID_NUMBER], [1, "x", redaction.REDACTED]),
        ({"password": "x", "n": 1}, {"password": redaction.REDACTED, "n": 1}),
        (Personal(ID_NUMBER, "id_number"), "330203********1232"),
        (SecretStr("x"), "**********"),
        (Form(name="王小明"), "<Form>"),
        (b"bytes", "<bytes>"),
        (ValueError("王小明"), "<ValueError>"),
    ],
)
def test_fields_hold_values_never_objects(value: object, written: object) -> None:
    assert redaction.field("x", value) == written


@pytest.mark.parametrize("key", ["password", "new_password", "authorization", "cookie", "token", "api_key", "sms_code"])
def test_fields_named_like_secrets_are_taken_out(key: str) -> None:
    assert redaction.field(key, "x") == redaction.REDACTED


def test_very_long_texts_are_cut() -> None:
    assert len(redaction.text("x" * 100_000)) < 5000


class TestExceptions:
    """What exceptions may say."""

    def test_never_what_they_quote(self) -> None:
        assert redaction.exception_text(ValueError("invalid literal for int(): '王小明'")).endswith("'…'")
        assert redaction.exception_text(KeyError("person_id")) == "'person_id'"
        assert "王小明" not in redaction.exception_text(KeyError("王小明"))

    def test_refusals_say_their_code(self) -> None:
        assert redaction.exception_text(Refusal("王小明不能参保")) == "refused"

    def test_validation_says_where_not_what(self) -> None:
        with pytest.raises(ValueError, match="name") as caught:
            Form.model_validate({"name": ["王小明"]})
        assert redaction.exception_text(caught.value) == "1 errors: name: string_type"

    def test_the_database_says_names_not_rows(self) -> None:
        original = asyncpg.UniqueViolationError.new(
            {
                "S": "ERROR",
                "C": "23505",
                "M": "duplicate key",
                "D": f"Key (id_number)=({ID_NUMBER}) already exists.",
                "n": "uq_people_id_index",
                "t": "people",
            }
        )
        said = redaction.exception_text(IntegrityError("INSERT", {"name": "王小明"}, original))
        assert said == "UniqueViolationError sqlstate=23505 constraint=uq_people_id_index table=people"

    def test_chains_and_groups_are_told(self, lines: io.StringIO) -> None:
        try:
            try:
                raise ValueError("first")
            except ValueError as fault:
                raise ExceptionGroup("several", [KeyError("a"), RuntimeError("b")]) from fault
        except ExceptionGroup:
            structlog.get_logger().exception("broke")
        (line,) = read(lines)
        assert [link["type"].split(".")[-1] for link in line["exception"]] == [
            "ExceptionGroup",
            "KeyError",
            "RuntimeError",
            "ValueError",
        ]

    def test_an_endless_chain_ends(self, lines: io.StringIO) -> None:
        first, second = ValueError("1"), ValueError("2")
        first.__cause__, second.__cause__ = second, first
        structlog.get_logger().error("broke", exc_info=first)
        assert len(read(lines)[0]["exception"]) == 2


class TestLines:
    """What is written."""

    def test_ours(self, lines: io.StringIO) -> None:
        structlog.get_logger("enrollment.additions").warning("odd", employer_no="330200000000000101", who=ID_NUMBER)
        structlog.get_logger().debug("not shown")
        (line,) = read(lines)
        assert line.pop("at")
        assert line == {
            "event": "odd",
            "level": "warning",
            "service": "probe",
            "logger": "enrollment.additions",
            "employer_no": "330200000000000101",
            "who": redaction.REDACTED,
        }

    def test_the_libraries_records_pass_the_same_way(self, lines: io.StringIO) -> None:
        try:
            raise ValueError(f"bad '{ID_NUMBER}'")
        except ValueError:
            logging.getLogger("some.library").exception("failed for %s", ID_NUMBER)
        logging.getLogger("httpx").info("GET http://x/?id=%s", ID_NUMBER)
        (line,) = read(lines)
        assert line["logger"] == "some.library"
        assert line["exception"][0]["type"] == "builtins.ValueError"
        assert ID_NUMBER not in lines.getvalue()

    def test_uvicorn_prints_no_paths(self, lines: io.StringIO) -> None:
        logging.getLogger("uvicorn.access").info("GET /api?id=%s", ID_NUMBER)
        assert lines.getvalue() == ""

    def test_configured_twice_writes_once(self, lines: io.StringIO) -> None:
        second = io.StringIO()
        logs.configure("probe", "INFO", stream=second)
        logging.getLogger("some.library").warning("once")
        assert len(second.getvalue().splitlines()) == 1
        assert lines.getvalue() == ""

    def test_a_closed_pipe_is_no_failure(self, lines: io.StringIO) -> None:
        logger = structlog.get_logger()
        lines.close()
        logger.info("into the void")

    def test_nothing_that_is_logged_makes_logging_fail(self, lines: io.StringIO) -> None:
        structlog.get_logger().info("odd \ud800", big=10**30, half="\udfff", nan=float("nan"), deep={1: {2: object()}})
        assert len(read(lines)) == 1

    def test_numbers_may_be_personal_too(self, lines: io.StringIO) -> None:
        structlog.get_logger().info("odd", value=13812341234, sms_code=482913, employer_no=330200000000000101, ms=5)
        (line,) = read(lines)
        assert line["value"] == line["sms_code"] == redaction.REDACTED
        assert line["employer_no"] == "330200000000000101"
        assert line["ms"] == 5

    def test_unknown_levels_are_refused(self) -> None:
        with pytest.raises(ValueError, match="LOUD"):
            logs.configure("probe", "LOUD")
