"""Identity's tokens: short-lived JWTs signed with Ed25519. Minted by identity, checked by every service itself."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from servicekit.auth.keys import TokenKeys
from servicekit.refusals import Unauthenticated

Kind = Literal["legal_representative", "agent", "person", "reviewer", "operator"]
Permission = Literal["declare", "maintain", "query", "print"]
Via = Literal["session", "api_key", "delegation"]
Limit = Literal["second_factor", "password"]
"""What a session has to set first: until then it opens nothing else."""

ISSUER = "hall-identity"
AUDIENCE = "hall"
"""Tokens of people and HR systems, for `/api`."""
INTERNAL_AUDIENCE = "hall-internal"
"""Tokens a service got in order to read another's `/internal` under somebody's authority."""
MAX_LIFE = timedelta(seconds=120)

ALGORITHM = "EdDSA"
_LEEWAY = timedelta(seconds=5)  # machines' clocks differ a little
_MAX_LENGTH = 4096
_REMEMBERED = 4096
_REQUIRED = ["iss", "aud", "sub", "sid", "kind", "via", "iat", "exp"]
_KINDS: frozenset[str] = frozenset(get_args(Kind))
_PERMISSIONS: frozenset[str] = frozenset(get_args(Permission))
_VIAS: frozenset[str] = frozenset(get_args(Via))
_LIMITS: frozenset[str] = frozenset(get_args(Limit))

__all__ = ["AUDIENCE", "INTERNAL_AUDIENCE", "ISSUER", "MAX_LIFE", "Claims", "TokenKeys", "TokenSigner", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says. `session_id` is the session's id, or the API key's."""

    account_id: UUID
    session_id: str
    kind: Kind
    employer_no: str | None = None
    permissions: frozenset[Permission] = frozenset()
    via: Via = "session"
    audience: str = AUDIENCE
    issued_at: datetime
    expires_at: datetime
    step_up_until: datetime | None = None
    display_name: str | None = None
    """Agency staff only: the name under which their decisions are shown."""
    lost_unit: str | None = None
    """A unit that the session has chosen and the account may act for no longer. It opens nothing."""
    limited_to: Limit | None = None
    person_id: UUID | None = None
    """Insured persons only: whose insurance the account may see, once that is known."""


class TokenSigner:
    """Signs tokens. Only identity has one."""

    def __init__(self, private_key: Ed25519PrivateKey, kid: str | None = None) -> None:
        self._key = private_key
        self._public = (
            urlsafe_b64encode(private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
            .rstrip(b"=")
            .decode()
        )
        self.kid = kid or self._thumbprint()

    @classmethod
    def of(cls, text: str, kid: str | None = None) -> "TokenSigner":
        """Reads a private key in PEM (PKCS#8) or JWK form.

        Raises:
            ValueError: it is no Ed25519 private key. The text is not repeated.
        """
        try:
            if text.lstrip().startswith("{"):
                document = json.loads(text)
                key = jwt.PyJWK.from_dict({**document, "alg": ALGORITHM}).key
                kid = kid or document.get("kid")
            else:
                key = load_pem_private_key(text.replace("\\n", "\n").encode(), password=None)
        except Exception:  # whatever the libraries raise may quote what they couldn't read, and that is a secret
            raise ValueError("the token signing key can't be read") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("the token signing key must be an Ed25519 private key")
        return cls(key, kid)

    def mint(self, claims: Claims) -> str:
        """A signed token.

        Raises:
            ValueError: it would live longer than two minutes.
        """
        if claims.expires_at - claims.issued_at > MAX_LIFE:
            raise ValueError("a token lives at most two minutes")
        payload: dict[str, Any] = {
            "iss": ISSUER,
            "aud": claims.audience,
            "sub": str(claims.account_id),
            "sid": claims.session_id,
            "kind": claims.kind,
            "employer_no": claims.employer_no,
            "perms": sorted(claims.permissions),
            "via": claims.via,
            "iat": int(claims.issued_at.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
        }
        if claims.step_up_until is not None:
            payload["step_up_until"] = int(claims.step_up_until.timestamp())
        if claims.display_name is not None:
            payload["name"] = claims.display_name
        if claims.lost_unit is not None:
            payload["lost_unit"] = claims.lost_unit
        if claims.limited_to is not None:
            payload["limited_to"] = claims.limited_to
        if claims.person_id is not None:
            payload["person_id"] = str(claims.person_id)
        return jwt.encode(payload, self._key, algorithm=ALGORITHM, headers={"kid": self.kid})

    def jwks(self) -> dict[str, Any]:
        """The public half, as identity publishes it."""
        return {"keys": [{**self._required_members(), "kid": self.kid, "use": "sig", "alg": ALGORITHM}]}

    def _required_members(self) -> dict[str, str]:
        return {"crv": "Ed25519", "kty": "OKP", "x": self._public}

    def _thumbprint(self) -> str:
        """RFC 7638: the same key has the same id everywhere."""
        canonical = json.dumps(self._required_members(), separators=(",", ":"), sort_keys=True).encode()
        return urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()


async def verify(token: str, keys: TokenKeys, *, audience: str | Collection[str] = AUDIENCE, now: datetime) -> Claims:
    """The claims of a genuine, living token that was made for this audience.

    Raises:
        Unauthenticated: in every other case, without saying which.
        Unavailable: its key isn't known and identity can't be asked.
    """
    allowed = {audience} if isinstance(audience, str) else set(audience)
    if len(token) > _MAX_LENGTH or not token.isascii():
        raise Unauthenticated
    # The gateway sends the same token for up to a minute, and checking a signature takes 150 µs.
    digest = hashlib.sha256(token.encode()).digest()
    claims: Claims | None = keys.checked.get(digest)
    if claims is None:
        claims = await _genuine(token, keys)
        if len(keys.checked) >= _REMEMBERED:
            del keys.checked[next(iter(keys.checked))]
        keys.checked[digest] = claims
    if claims.audience not in allowed or claims.expires_at - claims.issued_at > MAX_LIFE:
        raise Unauthenticated
    if not claims.issued_at - _LEEWAY <= now < claims.expires_at + _LEEWAY:
        raise Unauthenticated
    return claims


async def _genuine(token: str, keys: TokenKeys) -> Claims:
    """The claims of a token that identity signed, dead or alive."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str) or not kid:
            raise Unauthenticated
        payload = jwt.decode(
            token,
            await keys.key(kid),
            algorithms=[ALGORITHM],  # the token's own word on its algorithm counts for nothing
            issuer=ISSUER,
            options={
                "require": _REQUIRED,
                "verify_aud": False,  # below, and by our clock:
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        return _read(payload)
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as fault:
        raise Unauthenticated from fault


def _read(payload: dict[str, Any]) -> Claims:
    kind, via, audience = payload["kind"], payload["via"], payload["aud"]
    employer_no, permissions = payload.get("employer_no"), payload.get("perms", [])
    if kind not in _KINDS or via not in _VIAS or not isinstance(audience, str):
        raise ValueError("claims of an unknown form")
    if not (employer_no is None or (isinstance(employer_no, str) and employer_no)) or not isinstance(permissions, list):
        raise ValueError("claims of an unknown form")
    step_up, limited_to = payload.get("step_up_until"), payload.get("limited_to")
    if limited_to is not None and limited_to not in _LIMITS:
        raise ValueError("claims of an unknown form")  # a limit that isn't understood is none that can be kept
    person_id = _text(payload.get("person_id"))
    return Claims(
        account_id=UUID(payload["sub"]),
        session_id=str(payload["sid"]),
        kind=kind,
        employer_no=employer_no,
        # A permission of tomorrow, minted during a rolling update, is simply not held here yet.
        permissions=frozenset(p for p in permissions if p in _PERMISSIONS),
        via=via,
        audience=audience,
        issued_at=_moment(payload["iat"]),
        expires_at=_moment(payload["exp"]),
        step_up_until=None if step_up is None else _moment(step_up),
        display_name=_text(payload.get("name")),
        lost_unit=_text(payload.get("lost_unit")),
        limited_to=limited_to,
        person_id=None if person_id is None else UUID(person_id),
    )


def _moment(seconds: object) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise TypeError("a time must be whole seconds")
    return datetime.fromtimestamp(seconds, UTC)


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("the claim must be a text")
    return value or None
