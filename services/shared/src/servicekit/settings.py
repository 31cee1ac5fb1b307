"""Settings of a service process, read from `HALL_*` environment variables.

One process is one service, so names carry no service prefix. No secret has a default: a process that lacks one doesn't
start, and the production profile refuses the secrets that the demo uses.
"""

import base64
import binascii
from datetime import date
from typing import Literal, Self

from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Profile = Literal["standalone", "cluster", "production"]
_TELLING_WORDS = ("demo", "changeme", "change-me", "change_me", "example", "password", "secret123", "insecure")
_KEY_BYTES = 32
# A random 32-byte key has about 30 different bytes; a typed or repeated one has few.
_LEAST_DIFFERENT_BYTES = 12


def decode_key(secret: SecretStr) -> bytes:
    """32 key bytes out of their base64url form. Raises ValueError, without the key in its text."""
    text = secret.get_secret_value()
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise ValueError("a key must be base64url") from None
    if len(key) != _KEY_BYTES:
        raise ValueError(f"a key must be {_KEY_BYTES} bytes of base64url, not {len(key)}")
    return key


def looks_like_a_demo_secret(text: str) -> bool:
    """Whether a secret is one that the demo, an example file or a hurried person would use."""
    lowered = text.lower()
    return len(text) < 12 or any(word in lowered for word in _TELLING_WORDS) or len(set(text)) < 6


class ServiceSettings(BaseSettings):
    """What every service needs. A service with more needs subclasses this and names the class in its `Service`."""

    # hide_input_in_errors: a refused setting must not print the secrets beside it into the log of the start.
    model_config = SettingsConfigDict(
        env_prefix="HALL_", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    profile: Profile
    database_url: SecretStr
    """App role, `postgresql+asyncpg://...`."""
    migration_database_url: SecretStr | None = None
    """Migrator role; only the `migrate` command needs it."""
    broker_url: SecretStr | None = None
    """Left out with the standalone profile only, where the in-process transport is passed in."""
    identity_url: str = "http://identity:8000"
    personal_keys: dict[str, SecretStr]
    """Key id -> 32 bytes base64url. Old keys stay here as long as rows are sealed with them."""
    personal_key_id: str
    personal_cipher: Literal["aes-256-gcm", "sm4-gcm"] = "aes-256-gcm"
    """What new values are sealed with; values sealed with the other stay readable."""
    blind_index_key: SecretStr
    business_today: date | None = None
    """Fixes the business clock, for demonstrations and tests."""
    metrics_port: int | None = None
    otlp_endpoint: str | None = None
    log_level: str = "INFO"

    database_pool_size: int = 10
    job_lease_seconds: float = 15.0
    """How long a silent worker keeps its job. It beats every third of this."""
    retry_delays: tuple[float, ...] = (10.0, 60.0, 600.0)
    """Seconds before the second, third, ... attempt at a message. `topology` must be run after a change."""
    stream_seconds: float = 60.0
    """How long an event stream without an end lasts: then the page connects again, and is asked again who it is."""
    shutdown_seconds: float = 25.0

    @field_validator("personal_keys")
    @classmethod
    def _keys_are_keys(cls, keys: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for key in keys.values():
            decode_key(key)
        return keys

    @field_validator("blind_index_key")
    @classmethod
    def _key_is_a_key(cls, key: SecretStr) -> SecretStr:
        decode_key(key)
        return key

    @field_validator("retry_delays")
    @classmethod
    def _delays_grow(cls, delays: tuple[float, ...]) -> tuple[float, ...]:
        if not delays or any(delay <= 0 for delay in delays):
            raise ValueError("give at least one delay, each above zero")
        return delays

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.personal_key_id not in self.personal_keys:
            raise ValueError("personal_key_id names no key of personal_keys")
        if self.broker_url is None and self.profile != "standalone":
            raise ValueError("broker_url is needed outside the standalone profile")
        if self.profile == "production":
            self._refuse_demo_secrets()
        return self

    def _refuse_demo_secrets(self) -> None:
        if self.business_today is not None:
            raise ValueError("business_today must not be set in production")
        for name, secret in self._secrets():
            if looks_like_a_demo_secret(secret):
                raise ValueError(f"{name} is a demo secret: make one of your own")
        for key in (*self.personal_keys.values(), self.blind_index_key):
            if len(set(decode_key(key))) < _LEAST_DIFFERENT_BYTES:
                raise ValueError("a key of personal data is not random: make one with `openssl rand -base64 32`")
        if self.broker_url is not None:
            broker = self.broker_url.get_secret_value()
            if "//guest:" in broker or "@" not in broker:
                raise ValueError("broker_url uses the broker's guest user")

    def _secrets(self) -> list[tuple[str, str]]:
        """Every secret of this class and its subclasses, with connection URLs left to their own check."""
        found: list[tuple[str, str]] = []
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr) and not name.endswith("_url"):
                found.append((name, value.get_secret_value()))
        for name in ("database_url", "migration_database_url", "broker_url"):
            value = getattr(self, name)
            if value is not None:
                password = value.get_secret_value().partition("://")[2].rpartition("@")[0].partition(":")[2]
                if password:
                    found.append((name, password))
        return found


class PersonLinkSettings(ServiceSettings):
    """Of the two services that compare whom they mean (`contracts.values.person_link`)."""

    person_link_key: SecretStr
    """32 bytes base64url, the same for both and known to nobody else."""

    @field_validator("person_link_key")
    @classmethod
    def _link_key_is_a_key(cls, key: SecretStr) -> SecretStr:
        decode_key(key)
        return key

    @model_validator(mode="after")
    def _link_key_is_random(self) -> Self:
        own = (*self.personal_keys.values(), self.blind_index_key)
        if any(key.get_secret_value() == self.person_link_key.get_secret_value() for key in own):
            raise ValueError("person_link_key must be a key of its own: two services hold it")
        if self.profile == "production" and len(set(decode_key(self.person_link_key))) < _LEAST_DIFFERENT_BYTES:
            raise ValueError("person_link_key is not random: make one with `openssl rand -base64 32`")
        return self
