"""OpenID Connect: authorization code with PKCE, discovery, an ID token that is checked in every respect.

Authlib writes the requests and checks the claims, joserfc the signature. The provider's metadata and keys are fetched
when first needed and kept for a while; an unknown key id makes us look again (that is how providers change their keys),
but not more often than every half minute.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import httpx
import structlog
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from contracts.values.identifiers import normalise_identifier
from identity.sso.config import OidcProvider, is_real_address
from identity.sso.outgoing import Caller
from identity.sso.port import Returned, Vouched, checked_id_number, checked_mobile
from identity.sso.rules import (
    AttemptSecrets,
    Cancelled,
    ProviderFault,
    StateMissing,
    TicketRefused,
    TokenRefused,
    WrongAudience,
    WrongNonce,
)
from servicekit.clock import Clock

_METADATA_LIFE = timedelta(hours=1)
_KEYS_LIFE = timedelta(minutes=10)
_LOOK_AGAIN = timedelta(seconds=30)
_LEEWAY_SECONDS = 60
_LONGEST_TOKEN = 16 * 1024
_DECLINED = frozenset(("access_denied", "login_required", "consent_required", "interaction_required"))

log = structlog.get_logger(__name__)


@dataclass
class _Kept:
    """Something of the provider's that was fetched, and when."""

    value: Any = None
    at: datetime | None = field(default=None)

    def living(self, life: timedelta, now: datetime) -> bool:
        return self.at is not None and now - self.at < life


class Oidc:
    """One provider of OpenID Connect."""

    always_bound: ClassVar[bool] = True

    def __init__(
        self, settings: OidcProvider, caller: Caller, public_url: str, *, clock: Clock, production: bool
    ) -> None:
        self.settings = settings
        self._caller = caller
        self._redirect_uri = f"{public_url.rstrip('/')}/api/identity/sso/{settings.key}/callback"
        self._after_logout = f"{public_url.rstrip('/')}/login"
        self._clock = clock
        self._production = production
        self._metadata = _Kept()
        self._keys = _Kept()

    def state_of(self, returned: Returned) -> str:
        """`state`."""
        return returned.get("state")

    async def login_url(self, secrets: AttemptSecrets) -> str:
        """The authorization request."""
        metadata = await self._discovered()
        levels = " ".join(self.settings.sufficient_levels)
        return str(
            prepare_grant_uri(
                metadata["authorization_endpoint"],
                client_id=self.settings.client_id,
                response_type="code",
                redirect_uri=self._redirect_uri,
                scope=self.settings.scope,
                state=secrets.state,
                nonce=secrets.nonce,
                code_challenge=create_s256_code_challenge(secrets.verifier),
                code_challenge_method="S256",
                acr_values=levels or None,
            )
        )

    async def vouch(self, returned: Returned, secrets: AttemptSecrets | None, *, now: datetime, today: date) -> Vouched:
        """Exchanges the code, checks the ID token, reads the claims."""
        if secrets is None:
            raise StateMissing
        if error := returned.get("error"):
            log.info("identity provider answers with an error", provider=self.settings.key, declined=error in _DECLINED)
            raise Cancelled if error in _DECLINED else TicketRefused
        metadata = await self._discovered()
        issuer = returned.get("iss")
        if issuer and issuer != self.settings.issuer:  # RFC 9207: the answer is another provider's
            raise TokenRefused
        code = returned.get("code")
        if not code:
            raise StateMissing
        answer = await self._exchange(metadata, code, secrets)
        access_token = answer.get("access_token")
        claims = await self._checked(metadata, answer.get("id_token"), access_token, secrets, now=now)
        if self._wanted - claims.keys() and isinstance(access_token, str) and "userinfo_endpoint" in metadata:
            claims = {**await self._user_info(metadata, access_token, claims["sub"]), **claims}
        return self._read(claims, today=today)

    async def logout_url(self) -> str | None:
        """RP-initiated logout, where the provider offers it."""
        metadata = await self._discovered()
        if "end_session_endpoint" not in metadata:
            return self.settings.logout_url
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": self._after_logout}
        return str(add_params_to_uri(metadata["end_session_endpoint"], list(asked.items())))

    # -- what the provider says of itself --------------------------------------------------------------------------

    async def _discovered(self) -> Mapping[str, str]:
        """The addresses the provider told, checked.

        Raises:
            ProviderAway, ProviderFault: it can't be asked, or tells of another issuer or of unfit addresses.
        """
        now = self._clock.now()
        if not self._metadata.living(_METADATA_LIFE, now):
            url = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            told = await self._caller.get(self.settings.key, url)
            if told.get("issuer") != self.settings.issuer:
                raise self._fault("issuer")
            self._metadata = _Kept(self._addresses(told), now)
        known: Mapping[str, str] = self._metadata.value
        return known

    def _addresses(self, told: Mapping[str, Any]) -> Mapping[str, str]:
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        found = {}
        for name in (*needed, "userinfo_endpoint", "end_session_endpoint"):
            address = told.get(name)
            if isinstance(address, str) and self._fit(address):
                found[name] = address
            elif name in needed or address is not None:
                raise self._fault(name)
        return found

    def _fit(self, address: str) -> bool:
        if self._production:
            return is_real_address(address)
        return urlsplit(address).scheme in ("http", "https") and bool(urlsplit(address).hostname)

    def _fault(self, reason: str) -> ProviderFault:
        log.warning("identity provider answers otherwise than agreed", provider=self.settings.key, reason=reason)
        return ProviderFault()

    async def _key_set(self, metadata: Mapping[str, str], *, now: datetime, anew: bool = False) -> KeySet:
        if not self._keys.living(_LOOK_AGAIN if anew else _KEYS_LIFE, now):
            told = await self._caller.get(self.settings.key, metadata["jwks_uri"])
            try:
                self._keys = _Kept(KeySet.import_key_set({"keys": list(told["keys"])}), now)
            except (JoseError, ValueError, TypeError, KeyError) as fault:
                raise self._fault("jwks") from fault
        keys: KeySet = self._keys.value
        return keys

    # -- one login -------------------------------------------------------------------------------------------------

    async def _exchange(self, metadata: Mapping[str, str], code: str, secrets: AttemptSecrets) -> dict[str, Any]:
        """The code for tokens."""
        settings = self.settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": secrets.verifier,
        }
        auth = None
        if settings.client_secret is None:
            form["client_id"] = settings.client_id
        elif settings.client_auth == "client_secret_post":
            form |= {"client_id": settings.client_id, "client_secret": settings.client_secret.get_secret_value()}
        else:  # RFC 6749 §2.3.1: both encoded as in a form before they are joined
            secret = settings.client_secret.get_secret_value()
            auth = httpx.BasicAuth(quote(settings.client_id, safe=""), quote(secret, safe=""))
        answer = await self._caller.post(
            settings.key, metadata["token_endpoint"], form=form, auth=auth, refused=(400, 401)
        )
        if answer.get("error") == "invalid_grant":
            raise TicketRefused
        if "error" in answer:  # invalid_client and the like: the connection is set up wrongly
            raise self._fault("token_endpoint")
        return answer

    async def _checked(
        self,
        metadata: Mapping[str, str],
        id_token: object,
        access_token: object,
        secrets: AttemptSecrets,
        *,
        now: datetime,
    ) -> dict[str, Any]:
        """The claims of a token that the provider signed for us, now, for this very attempt."""
        if not isinstance(id_token, str) or len(id_token) > _LONGEST_TOKEN:
            raise self._fault("no_id_token")
        try:
            token = self._signed(id_token, await self._key_set(metadata, now=now))
        except InvalidKeyIdError:
            token = self._signed_for_sure(id_token, await self._key_set(metadata, now=now, anew=True))
        except (JoseError, ValueError, TypeError) as fault:
            raise TokenRefused from fault
        expected: dict[str, Any] = {
            "iss": {"essential": True, "value": self.settings.issuer},
            "aud": {"essential": True, "value": self.settings.client_id},
        }
        known = {"nonce": secrets.nonce, "client_id": self.settings.client_id, "access_token": access_token}
        claims = CodeIDToken(token.claims, token.header, expected, known)
        try:
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError) as fault:
            claim = getattr(fault, "claim", None) if isinstance(fault, InvalidClaimError) else None
            log.warning("identity provider's token refused", provider=self.settings.key, claim=str(claim or "?"))
            raise {"aud": WrongAudience, "azp": WrongAudience, "nonce": WrongNonce}.get(
                str(claim), TokenRefused
            )() from fault
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise TokenRefused
        return dict(claims)

    def _signed(self, id_token: str, keys: KeySet) -> jwt.Token:
        # The token's own word on its algorithm counts only among those that were agreed on.
        registry = JWSRegistry(algorithms=list(self.settings.signing_algorithms), strict_check_header=False)
        return jwt.decode(id_token, keys, registry=registry)

    def _signed_for_sure(self, id_token: str, keys: KeySet) -> jwt.Token:
        try:
            return self._signed(id_token, keys)
        except (JoseError, ValueError, TypeError) as fault:
            raise TokenRefused from fault

    @property
    def _wanted(self) -> set[str]:
        settings = self.settings
        names = (settings.name_claim, settings.id_number_claim, settings.mobile_claim, settings.uscc_claim)
        return {name for name in names if name}

    async def _user_info(self, metadata: Mapping[str, str], access_token: str, subject: object) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {access_token}"}
        told = await self._caller.get(self.settings.key, metadata["userinfo_endpoint"], headers=headers)
        if told.get("sub") != subject:  # OpenID Connect Core §5.3.2: it may be somebody else's
            raise self._fault("userinfo")
        return told

    def _read(self, claims: Mapping[str, Any], *, today: date) -> Vouched:
        settings = self.settings

        def text(name: str | None) -> str | None:
            value = claims.get(name) if name else None
            return value.strip() or None if isinstance(value, str) and len(value) <= 200 else None

        number, mobile, uscc = text(settings.id_number_claim), text(settings.mobile_claim), text(settings.uscc_claim)
        name, acr = text(settings.name_claim), text("acr")
        if claims.get(f"{settings.mobile_claim}_verified") is False:
            mobile = None
        return Vouched(
            subject=claims["sub"],
            level=acr,
            name=name,
            id_number=checked_id_number(number, today=today) if number else None,
            mobile=checked_mobile(mobile),
            uscc=normalise_identifier(uscc) if uscc else None,
            representative=name if uscc else None,
        )
