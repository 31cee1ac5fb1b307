"""Settings of identity: the signing key, the secrets of those who may ask for tokens, the text message provider."""

from typing import Self

from pydantic import SecretStr, field_validator, model_validator

from servicekit.auth import TokenSigner
from servicekit.settings import ServiceSettings


class IdentitySettings(ServiceSettings):
    """What identity needs beyond every service's settings."""

    token_signing_key: SecretStr
    """Ed25519 private key, PEM (PKCS#8) or JWK."""
    gateway_secret: SecretStr
    """The gateway proves itself with it when it swaps a session for a token."""
    reporting_secret: SecretStr
    """Reporting proves itself with it when its workers ask for a delegated token."""
    cookie_name: str = "__Host-hall_session"
    sms_url: str | None = None
    """The text message provider's address; needed in production, where there is no demo inbox."""
    sms_token: SecretStr | None = None

    @field_validator("token_signing_key")
    @classmethod
    def _key_is_readable(cls, key: SecretStr) -> SecretStr:
        TokenSigner.of(key.get_secret_value())
        return key

    @model_validator(mode="after")
    def _messages_can_be_sent(self) -> Self:
        if self.profile == "production" and not (self.sms_url and self.sms_token):
            raise ValueError("sms_url and sms_token are needed in production: codes have to reach somebody")
        return self
