"""Tokens for tests: a signing key of the test's own, and the requests headers that go with its tokens."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, cast, get_args
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from servicekit.auth.tokens import AUDIENCE, ISSUER, Claims, Kind, Permission, TokenKeys, TokenSigner, Via
from servicekit.clock import Clock, SystemClock
from servicekit.ids import uuid7

ALL_PERMISSIONS: tuple[str, ...] = get_args(Permission)
_LIFE = timedelta(seconds=120)
_RAISED = timedelta(minutes=5)


class TestKeys:
    """What identity is to the services, in a test. Give it the clock the services have."""

    __test__ = False  # no test class, whatever its name

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self.private_key = Ed25519PrivateKey.generate()
        self.signer = TokenSigner(self.private_key)
        self.keys = TokenKeys.static(self.signer.jwks())

    def token(
        self,
        *,
        kind: str = "agent",
        employer_no: str | None = None,
        perms: Iterable[str] = ALL_PERMISSIONS,
        account_id: UUID | None = None,
        session_id: str | None = None,
        via: str = "session",
        audience: str = AUDIENCE,
        life: timedelta = _LIFE,
        age: timedelta = timedelta(0),
        stepped_up: bool = False,
        lost_unit: str | None = None,
        person_id: UUID | None = None,
    ) -> str:
        """A genuine token, `age` old, of a session raised just then or not. Without a unit no permissions."""
        issued_at = self.clock.now() - age
        return self.signer.mint(
            Claims(
                account_id=account_id or uuid7(),
                session_id=session_id or str(uuid7()),
                kind=cast("Kind", kind),
                employer_no=employer_no,
                permissions=frozenset(cast("Iterable[Permission]", perms)) if employer_no else frozenset(),
                via=cast("Via", via),
                audience=audience,
                step_up_until=issued_at + _RAISED if stepped_up else None,
                issued_at=issued_at,
                expires_at=issued_at + life,
                lost_unit=lost_unit,
                person_id=person_id,
            )
        )

    def headers(self, *, employer_no: str | None = None, unit: str | None = None, **claims: Any) -> dict[str, str]:
        """Headers with a token; a clerk's page shows its own unit unless `unit` says otherwise ("" for none)."""
        shown = employer_no if unit is None else unit
        bearer = {"Authorization": f"Bearer {self.token(employer_no=employer_no, **claims)}"}
        return {**bearer, "X-Hall-Unit": shown} if shown else bearer

    def forged(self, changes: Mapping[str, Any], *, key: Any = None, algorithm: str = "EdDSA", kid: Any = "") -> str:
        """A token with claims, key, algorithm or key id as an attacker would like them. None drops a claim."""
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(uuid7()),
            "sid": str(uuid7()),
            "kind": "agent",
            "employer_no": "330200000000000101",
            "perms": list(ALL_PERMISSIONS),
            "via": "session",
            "iat": now,
            "exp": now + 60,
            **changes,
        }
        payload = {name: value for name, value in claims.items() if value is not None}
        header = {"kid": self.signer.kid if kid == "" else kid}
        signing_key = self.private_key if key is None else key
        return jwt.encode(payload, signing_key, algorithm=algorithm, headers=header)
