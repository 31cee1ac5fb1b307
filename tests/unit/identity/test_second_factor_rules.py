"""Dynamic codes and recovery codes, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from identity.second_factor.rules import (
    RECOVERY_CODES,
    STEP_SECONDS,
    code_of,
    matching_step,
    new_recovery_codes,
    new_secret,
    read_code,
    read_recovery_code,
    step_of,
    uri_of,
)

# RFC 6238, appendix B: the secret is the ASCII text 12345678901234567890; our codes are the last six digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
STEP = step_of(NOW)


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924")])
def test_codes_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert code_of(SECRET, step_of(at)) == code
    assert matching_step(SECRET, code, now=at, last_step=0) == step_of(at)


@pytest.mark.parametrize(("away", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_step_before_and_after_are_right_too(away: int, right: bool) -> None:
    found = matching_step(SECRET, code_of(SECRET, STEP + away), now=NOW, last_step=0)
    assert found == (STEP + away if right else None)


@pytest.mark.parametrize(("used", "right"), [(STEP - 1, True), (STEP, False), (STEP + 1, False)])
def test_a_code_works_once_and_none_before_it(used: int, right: bool) -> None:
    assert (matching_step(SECRET, code_of(SECRET, STEP), now=NOW, last_step=used) is not None) is right


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "一二三四五六", "٣٤٥٦٧٨"])
def test_what_cannot_be_a_code(typed: str) -> None:
    assert read_code(typed) is None
    assert matching_step(SECRET, typed, now=NOW, last_step=0) is None


def test_codes_as_people_type_them() -> None:
    assert read_code(" 123 456 ") == read_code("".join(chr(ord(digit) + 0xFEE0) for digit in "123456")) == "123456"


def test_a_step_is_half_a_minute() -> None:
    assert step_of(NOW + timedelta(seconds=STEP_SECONDS - 1)) == STEP
    assert step_of(NOW + timedelta(seconds=STEP_SECONDS)) == STEP + 1


def test_secrets_are_160_bits_and_differ() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(secret) for secret in secrets} == {32}


def test_the_address_names_the_hall_and_the_account() -> None:
    uri = uri_of(SECRET, "shenhe01")
    assert uri.startswith("otpauth://totp/")
    assert "shenhe01" in uri
    assert SECRET in uri


def test_recovery_codes_can_be_read_back_however_they_are_typed() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == RECOVERY_CODES
    for code in codes:
        read = read_recovery_code(code)
        assert read == code.replace("-", "")
        assert read_recovery_code(f" {code.lower().replace('-', ' ')} ") == read
        assert read_code(code) is None


@pytest.mark.parametrize("typed", ["", "ABCDE-FGHJ", "ABCDE-FGHJKK", "0BCDE-FGHJK", "中文中文中-文中文中文"])
def test_what_cannot_be_a_recovery_code(typed: str) -> None:
    assert read_recovery_code(typed) is None
