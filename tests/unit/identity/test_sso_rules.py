"""Single sign-on: what binds a login to a browser, which settings start, whose account it may be."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from identity.sso import rules
from identity.sso.config import OidcProvider, SsoProvider, check_providers, is_real_address
from identity.sso.port import Vouched
from identity.sso.zwfw import exchange_headers
from standalone.standin import provider_settings

NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)
_READ: TypeAdapter[Any] = TypeAdapter(SsoProvider)


def _providers(base: str, **changes: Any) -> tuple[Any, ...]:
    return tuple(_READ.validate_json(json.dumps({**one, **changes})) for one in provider_settings(base))


def _oidc(**changes: Any) -> OidcProvider:
    settings = {
        "kind": "oidc",
        "key": "city",
        "title": "市统一认证",
        "issuer": "https://id.city.gov",
        "client_id": "hall",
    }
    provider = _READ.validate_python({**settings, **changes})
    assert isinstance(provider, OidcProvider)
    return provider


def test_every_secret_of_an_attempt_is_another_one() -> None:
    handles = [rules.new_handle() for _ in range(3)]
    derived = [rules.secrets_of(handle) for handle in handles]
    values = {value for one in derived for value in (one.state, one.nonce, one.verifier)}
    assert len(values) == 9
    assert all(len(value) == 43 for value in values)  # a PKCE verifier has 43 to 128 characters
    assert rules.secrets_of(handles[0]) == derived[0]
    assert not any(value in repr(derived) for value in values)
    assert values.isdisjoint(handles)


@pytest.mark.parametrize(
    ("used_at", "age", "refusal"),
    [
        (None, timedelta(minutes=9, seconds=59), None),
        (None, timedelta(minutes=10), rules.StateExpired),
        (NOW, timedelta(0), rules.StateUsed),
        (NOW, timedelta(hours=1), rules.StateUsed),
    ],
)
def test_an_attempt_is_good_once_and_for_ten_minutes(
    used_at: datetime | None, age: timedelta, refusal: type[rules.SsoRefusal] | None
) -> None:
    expires_at = NOW + rules.ATTEMPT_LIFE
    if refusal is None:
        rules.check_fresh(expires_at=expires_at, used_at=used_at, now=NOW + age)
    else:
        with pytest.raises(refusal):
            rules.check_fresh(expires_at=expires_at, used_at=used_at, now=NOW + age)


@pytest.mark.parametrize("path", ["/hall", "/units", "/hall/additions", "/account/security", "/person", "/hall/a_b-C9"])
def test_pages_to_return_to(path: str) -> None:
    assert rules.safe_return(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None, "", "/", "hall", "//evil.test", "/\\evil.test", "https://evil.test", "/hall/../api", "/hall//x", "/hall/",
        "/hall?next=//evil", "/hall#x", "/hallway", "/api/identity", "/hall/%2e%2e", "/hall\n", "/hall/" + "a" * 200,
    ],
)  # fmt: skip
def test_pages_nobody_is_sent_to(path: str | None) -> None:
    assert rules.safe_return(path) is None


@pytest.mark.parametrize(
    ("level", "sufficient", "enough"),
    [("3", ("2", "3"), True), ("1", ("2", "3"), False), (None, ("2",), False), (None, (), True), ("x", (), True)],
)
def test_levels(level: str | None, sufficient: tuple[str, ...], enough: bool) -> None:
    if enough:
        rules.check_level(level, sufficient)
    else:
        with pytest.raises(rules.LevelTooLow):
            rules.check_level(level, sufficient)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("林知夏", "林知夏", True),
        ("阿依古丽·买买提", "阿依古丽•买买提", True),
        ("Anna Anderson", "ANNA ANDERSON", True),
        ("林知夏", "林知秋", False),
        ("", "", False),
        (None, None, False),
    ],
)
def test_names(one: str | None, other: str | None, same: bool) -> None:
    assert rules.same_name(one, other) is same


@pytest.mark.parametrize(
    ("names", "made_of_it", "mobiles", "taken"),
    [
        (True, False, True, True),
        (True, False, None, False),  # whoever registered it may have typed somebody else's number
        (True, False, False, False),
        (True, True, None, True),  # nobody has typed anything
        (True, True, False, True),
        (False, False, True, False),
        (False, True, True, False),
    ],
)
def test_whose_account_is_taken_for_the_same_persons(
    names: bool, made_of_it: bool, mobiles: bool | None, taken: bool
) -> None:
    assert rules.may_adopt(names_agree=names, made_of_it=made_of_it, mobiles_agree=mobiles) is taken


@pytest.mark.parametrize(
    ("asked_for", "made_of_it", "mobiles", "shown"),
    [
        (True, False, False, True),  # whoever asks for the link has the password and the identity
        (False, True, None, True),  # made of the identity: there is no other owner
        (False, False, True, True),
        (False, False, False, False),
        (False, False, None, False),  # with somebody's number and a mobile of one's own anybody can register an account
    ],
)
def test_what_shows_that_an_account_is_its_persons_own(
    asked_for: bool, made_of_it: bool, mobiles: bool | None, shown: bool
) -> None:
    assert rules.may_vouch(asked_for=asked_for, made_of_it=made_of_it, mobiles_agree=mobiles) is shown


def test_who_uses_a_legal_persons_account() -> None:
    representative = Vouched(subject="x", level="2", name="江 涌", uscc="91330200MA2A0B1C3J", representative="江涌")
    operator = Vouched(subject="x", level="2", name="方小满", uscc="91330200MA2A0B1C3J", representative="江涌")
    person = Vouched(subject="x", level="2", name="方小满")
    assert [one.by_operator for one in (representative, operator, person)] == [False, True, False]
    assert "方小满" not in repr(operator)


def test_the_limit_of_an_address() -> None:
    rules.check_room(rules.MOST_ATTEMPTS - 1)
    with pytest.raises(rules.TooManyAttempts):
        rules.check_room(rules.MOST_ATTEMPTS)


def test_an_arrival_is_adopted_by_a_login_after_it() -> None:
    rules.check_logged_in_since(NOW, arrived_at=NOW)
    with pytest.raises(rules.LoginNeeded):
        rules.check_logged_in_since(NOW - timedelta(seconds=1), arrived_at=NOW)


def test_usernames_of_our_making_are_usernames() -> None:
    from identity.accounts.rules import username_fault

    made = {rules.new_username() for _ in range(50)}
    assert len(made) == 50
    assert [name for name in made if username_fault(name)] == []


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "http://portal.gov", "https://localhost/x", "https://localhost./x", "https://a.localhost", "https://127.0.0.1",
        "https://127.8.8.8:8443/x", "https://[::1]/", "https://0.0.0.0/", "https://169.254.169.254/latest", "https:///x",
        "ftp://portal.gov",
    ],
)  # fmt: skip
def test_addresses_that_are_none_in_production(address: str) -> None:
    assert not is_real_address(address)


@pytest.mark.parametrize("address", ["https://puser.zjzwfw.gov.cn/sso/usp.do", "https://10.22.1.5:8443/restapi/prod/x"])
def test_addresses_of_production(address: str) -> None:
    assert is_real_address(address)


def test_the_stand_in_cannot_be_configured_in_production() -> None:
    for base in ("http://localhost:8080/standin", "https://hall.city.gov/standin"):
        providers = _providers(base)
        check_providers(providers, production=False, public_url="http://localhost:8080")
        for provider in providers:
            with pytest.raises(ValueError, match=r"demo secret|must be https") as refused:
                check_providers((provider,), production=True, public_url="https://hall.city.gov")
            assert not any(secret in str(refused.value) for secret in provider.secrets)


def test_providers_go_together() -> None:
    good = _oidc(client_secret="kVq7Zt3mXw9rLpB2")
    check_providers((good,), production=True, public_url="https://hall.city.gov")
    check_providers((), production=True, public_url=None)
    with pytest.raises(ValueError, match="same key"):
        check_providers((good, good), production=False, public_url="https://hall.city.gov")
    with pytest.raises(ValueError, match="public_url is needed"):
        check_providers((good,), production=False, public_url=None)
    with pytest.raises(ValueError, match="https address"):
        check_providers((good,), production=True, public_url="http://hall.city.gov")


@pytest.mark.parametrize(
    "change",
    [
        {"key": "Upper"}, {"key": "a"}, {"key": "x/../y"}, {"title": ""}, {"issuer": "id.city.gov"},
        {"issuer": "javascript:alert(1)"}, {"issuer": "https://user:secret@id.city.gov"}, {"modes": ["staff"]},
        {"signing_algorithms": ["none"]}, {"signing_algorithms": ["HS256"]}, {"unknown": 1}, {"kind": "saml"},
    ],
)  # fmt: skip
def test_settings_that_make_no_sense(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _oidc(**change)


@pytest.mark.parametrize("kind", ["zj_person", "zj_legal"])
def test_a_portal_needs_levels_that_are_enough(kind: str) -> None:
    settings = next(one for one in provider_settings("https://portal.gov") if one["kind"] == kind)
    with pytest.raises(ValidationError):
        _READ.validate_python({**settings, "sufficient_levels": []})


def test_the_signature_of_the_data_exchange() -> None:
    """Worked by hand: `printf 'POST\n/rest/user/query\na=1&b=2\nAK\nTue, 10 Mar 2026 02:00:00 GMT\n' | openssl dgst
    -sha256 -hmac SK -binary | base64`."""
    headers = exchange_headers("https://portal.gov/rest/user/query?b=2&a=1", "AK", "SK", now=NOW)
    assert headers == {
        "X-BG-HMAC-ACCESS-KEY": "AK",
        "X-BG-HMAC-ALGORITHM": "hmac-sha256",
        "X-BG-HMAC-SIGNATURE": "coM2eDXhOphFz1mJYoLyBSZKJn8yZbA7SottDFo5Q/Y=",
        "X-BG-DATE-TIME": "Tue, 10 Mar 2026 02:00:00 GMT",
    }
