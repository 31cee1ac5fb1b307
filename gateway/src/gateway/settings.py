"""Settings of a gateway process, read from `HALL_*` environment variables. No secret has a default."""

from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from servicekit.settings import looks_like_a_demo_secret

MIB = 1024 * 1024


class GatewaySettings(BaseSettings):
    """What a gateway needs to know. Sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(
        env_prefix="HALL_", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    profile: Literal["standalone", "cluster", "production"]
    gateway_secret: SecretStr
    """Shown to identity when a session or an API key is swapped for a token."""
    broker_url: SecretStr | None = None
    """Left out with the standalone profile only, where the in-process transport is passed in."""

    identity_url: str = "http://identity:8000"
    enrollment_url: str = "http://enrollment:8000"
    employer_url: str = "http://employer:8000"
    reporting_url: str = "http://reporting:8000"

    web_dir: Path | None = None
    """The built pages (`gateway/web/dist`). Without it only the API is served."""
    public_url: str | None = None
    """The address people type, for the same-origin check behind a proxy that changes `Host`."""
    cookie_name: str = "__Host-hall_session"
    trusted_proxies: tuple[str, ...] = ()
    """Networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Everybody else's are dropped."""

    body_limit: int = MIB
    upload_limit: int = 20 * MIB
    upload_segments: tuple[str, ...] = ("uploads", "files", "attachments")
    """A path with one of these segments may carry `upload_limit` bytes."""
    body_silence: float = 20.0
    client_requests: int = 128
    """Requests under way at once for one account or API key that identity knows, and for one address of all others."""
    total_requests: int = 2_000
    swap_lifetime: float = 60.0
    swap_entries: int = 20_000

    connect_timeout: float = 2.0
    first_byte_timeout: float = 30.0
    silence_timeout: float = 30.0
    upstream_connections: int = 256

    metrics_port: int | None = None
    otlp_endpoint: str | None = None
    log_level: str = "INFO"
    access_log: bool = True

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for network in networks:
            ip_network(network)
        return networks

    @field_validator("public_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is not None and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc):
            raise ValueError("public_url must be like https://hall.example")
        return url

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.broker_url is None and self.profile != "standalone":
            raise ValueError("broker_url is needed outside the standalone profile")
        if self.profile == "production":
            if looks_like_a_demo_secret(self.gateway_secret.get_secret_value()):
                raise ValueError("gateway_secret is a demo secret: make one of your own")
            if self.broker_url is not None and "//guest:" in self.broker_url.get_secret_value():
                raise ValueError("broker_url uses the broker's guest user")
            if self.public_url is None or not self.public_url.startswith("https://"):
                raise ValueError("public_url must be an https address in production")
        return self

    def service_urls(self) -> dict[str, str]:
        """Base URL of each service by the name in `/api/<name>`."""
        return {
            "identity": self.identity_url,
            "enrollment": self.enrollment_url,
            "employer": self.employer_url,
            "reporting": self.reporting_url,
        }
