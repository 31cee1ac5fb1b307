"""Settings of identity: the signing key, the secrets of those who may ask for tokens, text messages, single sign-on."""

from typing import Literal, Self

from pydantic import SecretStr, field_validator, model_validator

from identity.sso.config import SsoProvider, check_providers
from servicekit.auth import TokenSigner
from servicekit.settings import PersonLinkSettings


class IdentitySettings(PersonLinkSettings):
    """What identity needs beyond every service's settings."""

    token_signing_key: SecretStr
    """Ed25519 private key, PEM (PKCS#8) or JWK."""
    gateway_secret: SecretStr
    """The gateway proves itself with it when it swaps a session for a token."""
    reporting_secret: SecretStr
    """Reporting proves itself with it when its workers ask for a delegated token."""
    cookie_name: str = "__Host-hall_session"
    password_profile: Literal["default", "dengbao3"] = "default"  # noqa: S105 - the name of a profile
    """What is asked of passwords: long ones that stay, or 等保三级 (three classes, 90 days, locked after five)."""
    sms_url: str | None = None
    """The text message provider's address; needed in production, where there is no demo inbox."""
    sms_token: SecretStr | None = None
    public_url: str | None = None
    """The address people type; needed with identity providers, which send the browser back to it."""
    sso_providers: tuple[SsoProvider, ...] = ()
    """Identity providers as JSON (`identity/sso/config.py`, runbook). None: no buttons, no routes that do anything."""
    sso_proxy_url: str | None = None
    """The HTTP proxy through which providers are called, where there is no other way out."""

    @field_validator("token_signing_key")
    @classmethod
    def _key_is_readable(cls, key: SecretStr) -> SecretStr:
        TokenSigner.of(key.get_secret_value())
        return key

    @model_validator(mode="after")
    def _consistent_in_itself(self) -> Self:
        if self.profile == "production" and not (self.sms_url and self.sms_token):
            raise ValueError("sms_url and sms_token are needed in production: codes have to reach somebody")
        check_providers(self.sso_providers, production=self.profile == "production", public_url=self.public_url)
        return self
