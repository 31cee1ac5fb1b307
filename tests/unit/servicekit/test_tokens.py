"""Tokens: what is let in, and everything that is not."""

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from servicekit.auth.principals import (
    AccountHolder,
    Clerk,
    Delegate,
    InsuredPerson,
    Operator,
    PersonDelegate,
    PersonPrincipal,
    Reviewer,
    principal_of,
)
from servicekit.auth.tokens import AUDIENCE, INTERNAL_AUDIENCE, MAX_LIFE, Claims, TokenKeys, TokenSigner, verify
from servicekit.clock import FixedClock
from servicekit.refusals import Unauthenticated, Unavailable
from tests.support.tokens import TestKeys

UNIT = "330200000000000101"
PERSON = UUID("019cd6a0-0000-7000-8000-000000000001")
_CLOCK = FixedClock.on(date(2026, 3, 10))


@pytest.fixture
def issuer() -> TestKeys:
    return TestKeys(clock=FixedClock(_CLOCK.now()))


async def check(issuer: TestKeys, token: str, **kwargs: Any) -> Claims:
    return await verify(token, issuer.keys, now=issuer.clock.now(), **kwargs)


async def test_a_genuine_token_says_who_asks(issuer: TestKeys) -> None:
    claims = await check(issuer, issuer.token(employer_no=UNIT, perms=["declare", "print"]))
    principal = principal_of(claims)
    assert isinstance(principal, Clerk)
    assert principal.employer_no == UNIT
    assert principal.may("declare")
    assert not principal.may("query")


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        ({"kind": "agent"}, AccountHolder),
        ({"kind": "legal_representative", "employer_no": UNIT}, Clerk),
        ({"kind": "agent", "employer_no": UNIT, "audience": INTERNAL_AUDIENCE, "via": "delegation"}, Delegate),
        ({"kind": "person"}, PersonPrincipal),
        ({"kind": "person", "person_id": PERSON}, InsuredPerson),
        ({"kind": "person", "person_id": PERSON, "audience": INTERNAL_AUDIENCE, "via": "delegation"}, PersonDelegate),
        ({"kind": "reviewer"}, Reviewer),
        ({"kind": "operator"}, Operator),
    ],
)
async def test_each_kind_has_its_principal(issuer: TestKeys, claims: dict[str, Any], kind: type) -> None:
    token = issuer.token(**claims)
    assert type(principal_of(await check(issuer, token, audience=(AUDIENCE, INTERNAL_AUDIENCE)))) is kind


@pytest.mark.parametrize(
    "claims",
    [
        {"kind": "reviewer", "employer_no": UNIT},
        {"kind": "operator", "audience": INTERNAL_AUDIENCE},
        {"kind": "agent", "audience": INTERNAL_AUDIENCE},
        {"kind": "person", "audience": INTERNAL_AUDIENCE},
        {"kind": "person", "person_id": PERSON, "employer_no": UNIT},
        {"kind": "agent", "person_id": PERSON, "employer_no": UNIT},
        {"kind": "reviewer", "person_id": PERSON},
    ],
)
async def test_claims_that_contradict_each_other_are_worth_nothing(issuer: TestKeys, claims: dict[str, Any]) -> None:
    read = await check(issuer, issuer.token(**claims), audience=(AUDIENCE, INTERNAL_AUDIENCE))
    with pytest.raises(Unauthenticated):
        principal_of(read)


_NOW = int(_CLOCK.now().timestamp())
_NEEDED = ("iss", "aud", "sub", "sid", "kind", "via", "iat", "exp")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exp": _NOW - 6, "iat": _NOW - 60}, id="expired"),
        pytest.param({"exp": _NOW + 3600}, id="lives too long"),
        pytest.param({"iat": _NOW + 30}, id="from the future"),
        pytest.param({"aud": "somebody-else"}, id="other audience"),
        pytest.param({"aud": INTERNAL_AUDIENCE}, id="internal audience"),
        pytest.param({"aud": [AUDIENCE, "x"]}, id="list of audiences"),
        pytest.param({"iss": "evil"}, id="other issuer"),
        pytest.param({"sub": "not-a-uuid"}, id="no account id"),
        pytest.param({"sub": 7}, id="account id of a wrong type"),
        pytest.param({"kind": "root"}, id="unknown kind"),
        pytest.param({"via": "magic"}, id="unknown via"),
        pytest.param({"employer_no": 330200}, id="unit of a wrong type"),
        pytest.param({"employer_no": ""}, id="empty unit"),
        pytest.param({"perms": "declare"}, id="permissions of a wrong type"),
        pytest.param({"exp": "soon"}, id="time of a wrong type"),
        pytest.param({"exp": 10**30}, id="time beyond all times"),
        pytest.param({"exp": True}, id="time that is a flag"),
        *[pytest.param({name: None}, id=f"no {name}") for name in _NEEDED],
    ],
)
async def test_signed_but_wrong_claims_are_refused(issuer: TestKeys, changes: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await check(issuer, issuer.forged(changes))


async def test_clocks_may_differ_by_a_few_seconds(issuer: TestKeys) -> None:
    now = int(issuer.clock.now().timestamp())
    await check(issuer, issuer.forged({"iat": now + 3, "exp": now + 63}))
    await check(issuer, issuer.forged({"iat": now - 60, "exp": now - 3}))


async def test_a_known_token_dies_on_time(issuer: TestKeys) -> None:
    token = issuer.token()
    await check(issuer, token)
    assert isinstance(issuer.clock, FixedClock)
    issuer.clock.advance(MAX_LIFE + timedelta(seconds=6))
    with pytest.raises(Unauthenticated):
        await check(issuer, token)


async def test_a_known_token_keeps_its_audience(issuer: TestKeys) -> None:
    token = issuer.token()
    await check(issuer, token)
    with pytest.raises(Unauthenticated):
        await check(issuer, token, audience=INTERNAL_AUDIENCE)


async def test_permissions_of_tomorrow_are_not_held_today(issuer: TestKeys) -> None:
    claims = await check(issuer, issuer.forged({"perms": ["declare", "teleport", 5, None]}))
    assert claims.permissions == {"declare"}


class TestForgeries:
    """Tokens that identity never signed."""

    async def test_without_signature(self, issuer: TestKeys) -> None:
        with pytest.raises(Unauthenticated):
            await check(issuer, issuer.forged({}, key="", algorithm="none"))

    async def test_public_key_as_hmac_secret(self, issuer: TestKeys) -> None:
        public = issuer.private_key.public_key()
        for secret in (
            public.public_bytes(Encoding.Raw, PublicFormat.Raw),
            urlsafe_b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)),
        ):
            with pytest.raises(Unauthenticated):
                await check(issuer, issuer.forged({}, key=secret, algorithm="HS256"))

    async def test_own_rsa_key(self, issuer: TestKeys) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        with pytest.raises(Unauthenticated):
            await check(issuer, issuer.forged({}, key=key, algorithm="RS256"))

    async def test_own_key_under_our_key_id(self, issuer: TestKeys) -> None:
        with pytest.raises(Unauthenticated):
            await check(issuer, issuer.forged({}, key=Ed25519PrivateKey.generate()))

    async def test_own_key_under_its_own_id(self, issuer: TestKeys) -> None:
        with pytest.raises(Unauthenticated):
            await check(issuer, issuer.forged({}, key=Ed25519PrivateKey.generate(), kid="mine"))

    @pytest.mark.parametrize("part", [0, 1, 2])
    async def test_tampered(self, issuer: TestKeys, part: int) -> None:
        parts = issuer.token(employer_no=UNIT).split(".")
        raw = bytearray(urlsafe_b64decode(parts[part] + "=="))
        raw[len(raw) // 2] ^= 1
        parts[part] = urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
        with pytest.raises(Unauthenticated):
            await check(issuer, ".".join(parts))

    async def test_other_unit_written_in(self, issuer: TestKeys) -> None:
        head, body, signature = issuer.token(employer_no=UNIT).split(".")
        claims = json.loads(urlsafe_b64decode(body + "=="))
        claims["employer_no"] = "330200000000000201"
        forged = urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        with pytest.raises(Unauthenticated):
            await check(issuer, f"{head}.{forged}.{signature}")

    @pytest.mark.parametrize(
        "token", ["", ".", "..", "a.b.c", "令牌", "x" * 5000, "e30.e30.e30", "bnVsbA.bnVsbA.bnVsbA", "[" * 4000]
    )
    async def test_nonsense(self, issuer: TestKeys, token: str) -> None:
        with pytest.raises(Unauthenticated):
            await check(issuer, token)


class TestSigner:
    """Reading keys and minting."""

    def test_reads_pem_and_jwk_of_the_same_key_under_the_same_id(self) -> None:
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        secret = urlsafe_b64encode(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())).rstrip(b"=")
        public = TokenSigner(key).jwks()["keys"][0]["x"]
        jwk = json.dumps({"kty": "OKP", "crv": "Ed25519", "d": secret.decode(), "x": public})
        assert TokenSigner.of(pem).jwks() == TokenSigner.of(jwk).jwks() == TokenSigner(key).jwks()
        assert TokenSigner.of(pem.replace("\n", "\\n")).kid == TokenSigner(key).kid  # as .env files hold it

    @pytest.mark.parametrize("text", ["", "hunter2-hunter2", "{}", '{"kty":"oct","k":"aHVudGVyMg"}'])
    def test_an_unreadable_key_is_not_repeated(self, text: str) -> None:
        with pytest.raises(ValueError, match="signing key") as caught:
            TokenSigner.of(text)
        assert "hunter2" not in str(caught.value)
        assert caught.value.__cause__ is None

    def test_long_lives_are_not_minted(self, issuer: TestKeys) -> None:
        with pytest.raises(ValueError, match="two minutes"):
            issuer.token(life=timedelta(seconds=121))

    def test_the_published_key_is_only_the_public_half(self, issuer: TestKeys) -> None:
        (published,) = issuer.signer.jwks()["keys"]
        assert "d" not in published
        assert published["kid"] == issuer.signer.kid


class Publisher:
    """Identity's JWKS over a transport without sockets; counts how often it is asked."""

    def __init__(self, signer: TokenSigner) -> None:
        self.document: Any = signer.jwks()
        self.status = 200
        self.asked = 0
        self.time = 1000.0
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self.keys = TokenKeys.fetched_from("http://identity/", client=client, timer=lambda: self.time)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "http://identity/.well-known/jwks.json"
        self.asked += 1
        return httpx.Response(self.status, json=self.document)


class TestFetchedKeys:
    """Keys that come from identity."""

    @pytest.fixture
    def publisher(self, issuer: TestKeys) -> Publisher:
        return Publisher(issuer.signer)

    @pytest.fixture
    def now(self, issuer: TestKeys) -> Callable[[], datetime]:
        return issuer.clock.now

    async def test_fetched_once_for_many_at_a_time(self, issuer: TestKeys, publisher: Publisher) -> None:
        tokens = [issuer.token() for _ in range(20)]
        await asyncio.gather(*(verify(token, publisher.keys, now=issuer.clock.now()) for token in tokens))
        assert publisher.asked == 1

    async def test_a_new_key_is_found(self, issuer: TestKeys, publisher: Publisher) -> None:
        await verify(issuer.token(), publisher.keys, now=issuer.clock.now())
        successor = TestKeys(clock=issuer.clock)
        publisher.document = {"keys": [*issuer.signer.jwks()["keys"], *successor.signer.jwks()["keys"]]}
        publisher.time += 10
        await verify(successor.token(), publisher.keys, now=issuer.clock.now())
        await verify(issuer.token(), publisher.keys, now=issuer.clock.now())
        assert publisher.asked == 2

    async def test_made_up_key_ids_are_no_load_on_identity(self, issuer: TestKeys, publisher: Publisher) -> None:
        await verify(issuer.token(), publisher.keys, now=issuer.clock.now())
        publisher.time += 10
        for number in range(50):
            with pytest.raises(Unauthenticated):
                await verify(issuer.forged({}, kid=f"made-up-{number}"), publisher.keys, now=issuer.clock.now())
        assert publisher.asked == 2

    async def test_identity_away_is_not_the_callers_fault(self, issuer: TestKeys, publisher: Publisher) -> None:
        publisher.status = 500
        with pytest.raises(Unavailable):
            await verify(issuer.token(), publisher.keys, now=issuer.clock.now())
        publisher.status = 200
        publisher.time += 1
        await verify(issuer.token(), publisher.keys, now=issuer.clock.now())

    @pytest.mark.parametrize("document", [[], {}, {"keys": []}, {"keys": [{"kty": "oct", "k": "AAAA", "kid": "x"}]}])
    async def test_a_document_without_keys_changes_nothing(
        self, issuer: TestKeys, publisher: Publisher, document: Any
    ) -> None:
        await verify(issuer.token(), publisher.keys, now=issuer.clock.now())
        publisher.document = document
        publisher.time += 10
        with pytest.raises((Unauthenticated, Unavailable)):
            await verify(issuer.forged({}, kid="other"), publisher.keys, now=issuer.clock.now())
        await verify(issuer.token(), publisher.keys, now=issuer.clock.now())

    async def test_a_withdrawn_key_stops_working_even_for_known_tokens(
        self, issuer: TestKeys, publisher: Publisher
    ) -> None:
        stolen = issuer.token()
        await verify(stolen, publisher.keys, now=issuer.clock.now())
        successor = TestKeys(clock=issuer.clock)
        publisher.document = successor.signer.jwks()
        publisher.time += 301
        await verify(issuer.token(), publisher.keys, now=issuer.clock.now())  # starts the fetch in the background
        await verify(successor.token(), publisher.keys, now=issuer.clock.now())  # waits for it
        with pytest.raises(Unauthenticated):
            await verify(stolen, publisher.keys, now=issuer.clock.now())

    async def test_an_old_identity_away_lets_known_keys_live(self, issuer: TestKeys, publisher: Publisher) -> None:
        await verify(issuer.token(), publisher.keys, now=issuer.clock.now())
        publisher.status = 503
        publisher.time += 10_000
        await verify(issuer.token(), publisher.keys, now=issuer.clock.now())
        await publisher.keys.aclose()
        await verify(issuer.token(), publisher.keys, now=issuer.clock.now())
        await publisher.keys.aclose()


def test_moments_are_in_utc(issuer: TestKeys) -> None:
    assert issuer.clock.now().tzinfo is UTC
