"""Settings of the identity providers: which there are, where they answer, what of theirs is enough.

`HALL_SSO_PROVIDERS` is a JSON list; each entry is one of the classes below, told apart by `kind`. Nothing of a provider
is a constant of ours: addresses, codes, secrets and levels are what the agency agreed on with it.
"""

from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from servicekit.settings import looks_like_a_demo_secret

SsoMode = Literal["legal_representative", "agent", "person"]
SigningAlgorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Public keys only: with HS256 whoever knows a client's secret could vouch for anybody."""


class _Provider(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    """Ours: in the callback's address (`/api/identity/sso/<key>/callback`) and in every link, so it stays."""
    title: Annotated[str, Field(min_length=1, max_length=30)]
    """As the login button calls it."""
    logout_url: str | None = None
    """Where the provider's own session is ended."""

    @field_validator("*")
    @classmethod
    def _addresses_are_addresses(cls, value: object, info: object) -> object:
        name = getattr(info, "field_name", "")
        if isinstance(value, str) and (name.endswith("_url") or name == "issuer"):
            _check_address(value)
        return value

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address of the provider that the settings name."""
        fields = type(self).model_fields
        named = (getattr(self, name) for name in fields if name.endswith("_url") or name == "issuer")
        return tuple(address for address in named if address is not None)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret shared with the provider."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr))


class OidcProvider(_Provider):
    """A provider of OpenID Connect; it tells the rest itself, at `<issuer>/.well-known/openid-configuration`."""

    kind: Literal["oidc"]
    modes: tuple[SsoMode, ...] = ("legal_representative", "agent", "person")
    issuer: str
    client_id: Annotated[str, Field(min_length=1, max_length=255)]
    client_secret: SecretStr | None = None
    """None: a public client, which only PKCE protects."""
    client_auth: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"
    scope: str = "openid profile"
    signing_algorithms: tuple[SigningAlgorithm, ...] = ("RS256", "ES256")
    sufficient_levels: tuple[str, ...] = ()
    """Values of `acr` that are enough; none: the provider's word is enough whatever it says of the how."""
    name_claim: str = "name"
    id_number_claim: str | None = None
    """The claim that carries the resident ID number, when the provider is trusted with it. Without one (and without
    `uscc_claim`) somebody who comes first has to sign in to their account of the hall once."""
    mobile_claim: str | None = None
    uscc_claim: str | None = None
    """The claim that carries the unified social credit code of whom the user acts for as legal representative."""


class ZjPersonProvider(_Provider):
    """浙江政务服务网, persons: `usp.do`, then tickets checked at `simpleauth` (domain.md §7)."""

    kind: Literal["zj_person"]
    modes: tuple[Literal["agent", "person"], ...] = ("agent", "person")
    login_url: str
    """`https://.../sso/usp.do`."""
    ticket_url: str
    """`https://.../sso/servlet/simpleauth`, for `ticketValidation`."""
    user_url: str | None = None
    """The same for `getUserInfo`, where the exchange gave the two methods addresses of their own."""
    service_code: Annotated[str, Field(min_length=1, max_length=64)]
    service_secret: SecretStr
    access_key: str | None = None
    access_secret: SecretStr | None = None
    """Of the government data exchange, when its gateway stands in front of the portal."""
    sufficient_levels: Annotated[tuple[str, ...], Field(min_length=1)]
    resident_id_types: tuple[str, ...] = ("1",)
    """Values of `idtype` that mean a resident identity card."""
    return_parameter: str | None = "goto"
    """The parameter in which the portal takes where the user wants to go, and gives it back as `sp`."""


class ZjLegalProvider(_Provider):
    """浙江政务服务网, legal persons: their own host, `ssotoken`, a signed `/rest/user/query` (domain.md §7)."""

    kind: Literal["zj_legal"]
    modes: tuple[Literal["legal_representative"], ...] = ("legal_representative",)
    login_url: str
    """Whole, as the portal gave it out."""
    query_url: str
    """`https://.../rest/user/query`."""
    access_key: Annotated[str, Field(min_length=1, max_length=128)]
    access_secret: SecretStr
    sufficient_levels: Annotated[tuple[str, ...], Field(min_length=1)]
    resident_id_types: tuple[str, ...] = ("51", "111")
    """Values of `attnIDType` that mean a resident identity card."""
    return_parameter: str | None = "goto"


SsoProvider = Annotated[OidcProvider | ZjPersonProvider | ZjLegalProvider, Field(discriminator="kind")]


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("an address of a provider must be like https://portal.example/path")


def is_real_address(address: str) -> bool:
    """Whether a provider may answer there in production: over https, and not on this very machine."""
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".").lower()
    if parts.scheme != "https" or not host or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        number = ip_address(host)
    except ValueError:
        return True
    return not (number.is_loopback or number.is_unspecified or number.is_link_local or number.is_multicast)


def check_providers(providers: tuple[SsoProvider, ...], *, production: bool, public_url: str | None) -> None:
    """What holds for all providers together, and in production.

    Raises:
        ValueError: without repeating a secret.
    """
    keys = [provider.key for provider in providers]
    if len(set(keys)) != len(keys):
        raise ValueError("two identity providers have the same key")
    if providers and public_url is None:
        raise ValueError("public_url is needed with identity providers: they send the browser back to it")
    if public_url is not None:
        _check_address(public_url)
    if not production:
        return
    if public_url is not None and not public_url.startswith("https://"):
        raise ValueError("public_url must be an https address in production")
    for provider in providers:
        if not all(is_real_address(address) for address in provider.addresses):
            raise ValueError(f"identity provider {provider.key}: addresses must be https and of another machine")
        if any(looks_like_a_demo_secret(secret) for secret in provider.secrets):
            raise ValueError(f"identity provider {provider.key}: a demo secret, get one of your own")
