"""Validity, numbers, codes, the limiter, settings."""

import math
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reporting.reports import rules
from reporting.settings import ReportingSettings
from reporting.verification import codes
from reporting.verification.limiter import Limiter
from tests.support.harness import random_key
from tests.support.signing import real_identity, signing_identity


@pytest.mark.parametrize(
    ("issued_on", "last_day"),
    [
        (date(2026, 3, 10), date(2026, 6, 10)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 1, 31), date(2026, 4, 30)),
        (date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_certificate_holds_for_three_months(issued_on: date, last_day: date) -> None:
    assert rules.valid_until(issued_on) == last_day


def test_numbers_grow_past_eight_digits() -> None:
    assert rules.document_number(date(2026, 3, 10), 7) == "2026031000000007"
    assert rules.document_number(date(2026, 3, 10), 123456789) == "20260310123456789"


def test_a_code_has_128_random_bits() -> None:
    assert math.log2(len(codes.ALPHABET)) * codes.LENGTH >= 128
    assert len(set(codes.ALPHABET)) == 35
    assert "O" not in codes.ALPHABET
    made = {codes.new_code() for _ in range(1000)}
    assert len(made) == 1000
    assert set("".join(made)) == set(codes.ALPHABET)


@given(st.text(alphabet=codes.ALPHABET, min_size=25, max_size=25), st.randoms(use_true_random=False))
def test_a_code_is_read_as_people_type_it(code: str, random: object) -> None:
    grouped = codes.in_groups(code)
    assert grouped.count("-") == 4
    full_width = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (code, grouped, grouped.lower(), f"  {grouped} ", code.replace("0", "O"), full_width, " ".join(code)):
        assert codes.normalise(typed) == code


@pytest.mark.parametrize("typed", ["", "ABC", "A" * 24, "A" * 26, "A" * 24 + "!", "中" * 25, "é" * 25, "A" * 500])
def test_what_cant_be_a_code_is_none(typed: str) -> None:
    assert codes.normalise(typed) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_fault(typed: str) -> None:
    code = codes.normalise(typed)
    assert code is None or set(code) <= set(codes.ALPHABET)


def test_the_limiter_refills_and_forgets() -> None:
    limiter = Limiter(burst=2, per_minute=60, clients=2)
    assert [limiter.take("a", now=0.0) for _ in range(3)] == [0, 0, 1]
    assert limiter.take("b", now=0.0) == 0
    assert limiter.take("a", now=1.0) == 0
    assert limiter.take("a", now=1.0) == 1
    limiter.take("c", now=1.0)  # b is forgotten, a is not
    assert limiter.take("a", now=1.0) == 1
    assert len(limiter._buckets) == 2


def settings_of(tmp_path: Path, **changes: object) -> ReportingSettings:
    values: dict[str, object] = {
        "profile": "production",
        "database_url": "postgresql+asyncpg://app:Xw93kfj2LqPz0a@db/reporting",
        "broker_url": "amqp://reporting:Qz83jfk2MwLs0x@broker/",
        "personal_keys": {"k1": random_key()},
        "personal_key_id": "k1",
        "blind_index_key": random_key(),
        "object_dir": tmp_path,
        "public_url": "https://hall.test/",
        "reporting_secret": "Vb72hdk3NqRt9y-Zc81",
        "agency_name": "宁波市医疗保障经办中心",
        "document_signing_key": real_identity(),
    }
    return ReportingSettings.model_validate(values | changes)


def test_production_names_its_own_agency(tmp_path: Path) -> None:
    assert settings_of(tmp_path).verify_url("ABC") == "https://hall.test/verify/ABC"
    with pytest.raises(ValidationError, match="agency_name"):
        settings_of(tmp_path, agency_name="宁波市医疗保险经办机构（演示）")


def test_production_does_not_sign_with_a_demo_certificate(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="demo certificate"):
        settings_of(tmp_path, document_signing_key=signing_identity())
    assert settings_of(tmp_path, profile="cluster", document_signing_key=signing_identity()).identity().is_demo


@pytest.mark.parametrize(
    "broken", ["", "no PEM at all", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_a_signing_identity_that_is_none_is_refused_without_quoting_it(tmp_path: Path, broken: str) -> None:
    with pytest.raises(ValidationError, match="signing identity") as refused:
        settings_of(tmp_path, profile="cluster", document_signing_key=broken)  # production refuses an empty one before
    assert "AAAA" not in str(refused.value)


def test_a_key_must_come_with_its_own_certificate(tmp_path: Path) -> None:
    key = real_identity().partition("-----BEGIN CERTIFICATE-----")[0]
    foreign = signing_identity().partition("-----BEGIN CERTIFICATE-----")
    with pytest.raises(ValidationError, match="that of its key"):
        settings_of(tmp_path, document_signing_key=key + foreign[1] + foreign[2])
