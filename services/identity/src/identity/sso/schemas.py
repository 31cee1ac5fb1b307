"""What login pages and the account page get of single sign-on. Nothing of it names anybody in full."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from identity.sessions.schemas import SessionOut
from identity.sso.config import SsoMode
from identity.sso.rules import Way
from servicekit.forms import Form


class ProviderOut(BaseModel):
    """A button of the login page."""

    key: str
    title: str
    kind: Literal["oidc", "zj_person", "zj_legal"]
    modes: list[SsoMode]


class CameFrom(BaseModel):
    """The provider by which this browser came in last, where its session may still be open."""

    key: str
    title: str


class ProvidersOut(BaseModel):
    """The providers there are. `came_from`: whose session to end as well, on a shared computer."""

    items: list[ProviderOut]
    came_from: CameFrom | None


class ArrivalOut(BaseModel):
    """What the page between provider and hall shows.

    `confirm`: the user is asked whether it is they; `link`: they sign in to their account once; `second_factor`: they
    show a dynamic code; `signed_in` and `linked`: done. `reason` of `confirm`: the way began at the portal, or the
    portal says they are no representative; of `link`: there is an account of their number that may be somebody else's.
    """

    step: Literal["confirm", "link", "second_factor", "signed_in", "linked"]
    provider: ProviderOut
    mode: SsoMode
    reason: Literal["portal_entry", "operator", "account_exists"] | None = None
    name_masked: str | None = None
    id_number_masked: str | None = None
    unit_name: str | None = None
    return_to: str | None = None


class ConfirmationForm(Form):
    """It is me, and this is what I come in as."""

    mode: SsoMode = Field(title="登录方式")


class CodeForm(Form):
    """What the authenticator app shows, or a recovery code."""

    totp_code: str = Field(min_length=1, max_length=20, title="动态口令", repr=False)


class EnteredOut(BaseModel):
    """The session, or None when the page has to ask for something more first."""

    session: SessionOut | None
    return_to: str | None


class RefusalOut(BaseModel):
    """A page of refusal in its own words, and what it offers."""

    code: str
    title: str
    detail: str
    ways: list[Way]


class LinkOut(BaseModel):
    """A way in that is linked to the account."""

    id: UUID
    provider: str
    title: str
    linked_at: datetime
    last_used_at: datetime


class LinksOut(BaseModel):
    """The links there are, and the providers that could be linked."""

    items: list[LinkOut]
    linkable: list[ProviderOut]


class DepartureOut(BaseModel):
    """Where the page goes next."""

    location: str
