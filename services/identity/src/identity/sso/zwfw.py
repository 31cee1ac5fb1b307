"""浙江政务服务网: tickets for persons, `ssotoken` for legal persons (domain.md §7; to be confirmed at the connection).

Neither flow promises to give back a state. We hand one over inside the address where the user wants to go, which the
portal returns as `sp` or `goto`; whoever comes back without it is asked before a session is opened (ADR 0012).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import date, datetime
from email.utils import format_datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import structlog

from contracts.values.identifiers import normalise_identifier
from identity.sso.config import ZjLegalProvider, ZjPersonProvider
from identity.sso.outgoing import Caller
from identity.sso.port import Returned, Vouched, checked_id_number, checked_mobile
from identity.sso.rules import AttemptSecrets, DocumentUnsupported, ProviderFault, StateMissing, TicketRefused
from servicekit.clock import BUSINESS_ZONE

_STATE = "sso"
"""The parameter of our own address that carries the state."""

log = structlog.get_logger(__name__)


class ZjPerson:
    """Persons: the browser brings a `ticket`, which is worth a token once, which is worth what the portal knows."""

    always_bound: ClassVar[bool] = False

    def __init__(self, settings: ZjPersonProvider, caller: Caller, public_url: str) -> None:
        self.settings = settings
        self._caller = caller
        self._public_url = public_url

    def state_of(self, returned: Returned) -> str:
        """The state inside `sp`."""
        return _state_in(returned.get("sp"))

    async def login_url(self, secrets: AttemptSecrets) -> str:
        """`usp.do?action=ssoLogin&servicecode=S`."""
        asked = {"action": "ssoLogin", "servicecode": self.settings.service_code}
        return _with_return(self.settings.login_url, asked, self.settings.return_parameter, self._public_url, secrets)

    async def vouch(self, returned: Returned, secrets: AttemptSecrets | None, *, now: datetime, today: date) -> Vouched:
        """`ticketValidation`, then `getUserInfo`."""
        ticket = returned.get("ticket")
        if not ticket:
            raise StateMissing
        valid = await self._simpleauth(self.settings.ticket_url, "ticketValidation", {"st": ticket}, now=now)
        token = _text(valid, "token")
        if str(valid.get("result")) != "0" or not token:
            log.info("identity provider refuses a ticket", provider=self.settings.key, result=_code(valid, "result"))
            raise TicketRefused
        user_url = self.settings.user_url or self.settings.ticket_url
        user = await self._simpleauth(user_url, "getUserInfo", {"token": token}, now=now)
        subject = _text(user, "userid")
        if str(user.get("result")) != "0" or not subject:
            log.warning("identity provider tells no user", provider=self.settings.key, result=_code(user, "result"))
            raise ProviderFault
        if _text(user, "idtype") not in self.settings.resident_id_types:
            raise DocumentUnsupported
        return Vouched(
            subject=subject,
            level=_text(user, "authlevel"),
            name=_text(user, "username"),
            id_number=checked_id_number(_text(user, "idnum"), today=today),
            mobile=checked_mobile(_text(user, "mobile")),
        )

    async def _simpleauth(self, url: str, method: str, asked: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
        """One signed call. In the body: a ticket in the address would stay in the logs of every proxy on the way."""
        code, secret = self.settings.service_code, self.settings.service_secret.get_secret_value()
        time = now.astimezone(BUSINESS_ZONE).strftime("%Y%m%d%H%M%S")
        # The portal's own scheme: it wants MD5.
        sign = hashlib.md5(f"{code}{secret}{time}".encode(), usedforsecurity=False).hexdigest()
        form = {"method": method, "servicecode": code, "time": time, "sign": sign, **asked, "datatype": "json"}
        headers = {}
        if self.settings.access_key is not None and self.settings.access_secret is not None:
            headers = exchange_headers(
                url, self.settings.access_key, self.settings.access_secret.get_secret_value(), now=now
            )
        return await self._caller.post(self.settings.key, url, form=form, headers=headers)

    async def logout_url(self) -> str | None:
        """The portal's own, if set."""
        return self.settings.logout_url


class ZjLegal:
    """Legal persons: the browser brings an `ssotoken`, which a signed query exchanges for the company and who acts."""

    always_bound: ClassVar[bool] = False

    def __init__(self, settings: ZjLegalProvider, caller: Caller, public_url: str) -> None:
        self.settings = settings
        self._caller = caller
        self._public_url = public_url

    def state_of(self, returned: Returned) -> str:
        """The state inside `goto`, or `sp`."""
        return _state_in(returned.get("goto")) or _state_in(returned.get("sp"))

    async def login_url(self, secrets: AttemptSecrets) -> str:
        """The portal's login for legal persons."""
        return _with_return(self.settings.login_url, {}, self.settings.return_parameter, self._public_url, secrets)

    async def vouch(self, returned: Returned, secrets: AttemptSecrets | None, *, now: datetime, today: date) -> Vouched:
        """`/rest/user/query` with the token, signed."""
        token = returned.get("ssotoken")
        if not token:
            raise StateMissing
        body = json.dumps({"token": token}).encode()
        url, secret = self.settings.query_url, self.settings.access_secret.get_secret_value()
        headers = exchange_headers(url, self.settings.access_key, secret, now=now)
        headers["Content-Type"] = "application/json"
        answer = await self._caller.post(self.settings.key, url, body=body, headers=headers)
        if str(answer.get("errCode")) != "0":
            log.info("identity provider refuses a token", provider=self.settings.key, result=_code(answer, "errCode"))
            raise TicketRefused
        info = _object(answer.get("info"))
        subject, uscc = _text(info, "userId"), _text(info, "uniscid")
        if not subject or not uscc:
            log.warning("identity provider tells no legal person", provider=self.settings.key)
            raise ProviderFault
        operator = _text(info, "attnName")
        known_document = _text(info, "attnIDType") in self.settings.resident_id_types
        number = _text(info, "attnIDNo") if known_document else None
        return Vouched(
            subject=subject,
            level=_text(info, "realLevel"),
            # Nobody named: whoever holds the legal person's own certificate, which only its representative has.
            name=operator or _text(info, "CompanyLegRep"),
            id_number=checked_id_number(number, today=today) if number else None,
            mobile=checked_mobile(_text(info, "attnPhone")),
            uscc=normalise_identifier(uscc),
            representative=_text(info, "CompanyLegRep"),
        )

    async def logout_url(self) -> str | None:
        """The portal's own, if set."""
        return self.settings.logout_url


def exchange_headers(url: str, access_key: str, access_secret: str, *, now: datetime) -> dict[str, str]:
    """The signature of the government data exchange on a POST: HMAC-SHA256 over method, path, query, key and date."""
    parts = urlsplit(url)
    query = "&".join(sorted(f"{name}={value}" for name, value in parse_qsl(parts.query, keep_blank_values=True)))
    at = format_datetime(now, usegmt=True)
    signed = f"POST\n{parts.path}\n{query}\n{access_key}\n{at}\n"
    digest = hmac.new(access_secret.encode(), signed.encode(), hashlib.sha256).digest()
    return {
        "X-BG-HMAC-ACCESS-KEY": access_key,
        "X-BG-HMAC-ALGORITHM": "hmac-sha256",
        "X-BG-HMAC-SIGNATURE": base64.b64encode(digest).decode(),
        "X-BG-DATE-TIME": at,
    }


def _with_return(
    login_url: str, asked: Mapping[str, str], parameter: str | None, public_url: str, secrets: AttemptSecrets
) -> str:
    """The login address with what it needs, and with an address of ours that carries the state back."""
    parts = urlsplit(login_url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *asked.items()]
    if parameter is not None:
        query.append((parameter, f"{public_url.rstrip('/')}/sso?{urlencode({_STATE: secrets.state})}"))
    return urlunsplit(parts._replace(query=urlencode(query)))


def _state_in(address: str) -> str:
    try:
        query = urlsplit(address).query
    except ValueError:
        return ""
    return next((value for name, value in parse_qsl(query) if name == _STATE), "")


def _object(value: object) -> Mapping[str, Any]:
    """An object, or the text of one: the portal wraps its answer once more."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, Mapping):
        raise ProviderFault
    return value


def _text(answer: Mapping[str, Any], name: str) -> str | None:
    value = answer.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return (value.strip() or None) if isinstance(value, str) and len(value) <= 200 else None


def _code(answer: Mapping[str, Any], name: str) -> str:
    """A result code for the log, whatever the provider put there."""
    code = str(answer.get(name))[:20]
    return code if code.isalnum() else "?"
