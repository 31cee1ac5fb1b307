"""The stand-in's two sides of 浙江政务服务网: tickets for persons, `ssotoken` for legal persons."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from servicekit.clock import BUSINESS_ZONE
from standalone.standin.pages import choices, page
from standalone.standin.people import LEGAL_PEOPLE, PEOPLE, LegalPerson, Person
from standalone.standin.shared import ACCESS_KEY, ACCESS_SECRET, SERVICE_CODE, SERVICE_SECRET, Site, Tickets, form_of

_CLOCKS_DIFFER = timedelta(minutes=5)
_EXCHANGE_TOLERANCE = timedelta(seconds=90)


@dataclass(frozen=True)
class PersonTicket:
    """What a ticket of a person stands for."""

    person: Person


@dataclass(frozen=True)
class PersonToken:
    """What a validated ticket was exchanged for."""

    person: Person


@dataclass(frozen=True)
class LegalToken:
    """What an `ssotoken` stands for."""

    legal: LegalPerson


class PersonSide:
    """`usp.do` and `simpleauth`."""

    def __init__(self, site: Site, tickets: Tickets) -> None:
        self._site = site
        self._tickets = tickets

    def routes(self) -> list[Route]:
        """Its routes."""
        return [
            Route("/sso/usp.do", self.login),
            Route("/sso/usp.do", self.picked, methods=["POST"]),
            Route("/sso/servlet/simpleauth", self.simpleauth, methods=["POST"]),
            Route("/sso/logout", self.logout),
        ]

    async def login(self, request: Request) -> Response:
        """Who are you?"""
        asked = request.query_params
        if asked.get("action") != "ssoLogin" or asked.get("servicecode") != SERVICE_CODE:
            return page("无法登录", "服务编码不正确。", "", status=400)
        offered = [(one.key, one.name, one.about) for one in PEOPLE]
        goto = {"goto": asked["goto"]} if "goto" in asked else {}
        return page("个人登录", "请选择一个演示身份。", choices(f"{self._site.base_url}/sso/usp.do", offered, goto))

    async def picked(self, request: Request) -> Response:
        """Back to the hall with a ticket."""
        form = await form_of(request)
        person = next((one for one in PEOPLE if one.key == form.get("who")), None)
        if person is None:
            return RedirectResponse(f"{self._site.hall_url}/login", 303)
        return RedirectResponse(self.return_address(person, sp=form.get("goto")), 303)

    def return_address(self, person: Person, *, sp: str | None = None) -> str:
        """Where the browser goes once the person is known."""
        query = {"ticket": self._tickets.issue(PersonTicket(person))} | ({"sp": sp} if sp else {})
        return f"{self._site.callback('zj-person')}?{urlencode(query)}"

    async def simpleauth(self, request: Request) -> Response:
        """`ticketValidation` and `getUserInfo`, signed."""
        form = await form_of(request)
        if fault := self._signature_fault(form):
            return JSONResponse({"result": "1001", "errmsg": fault})
        if form.get("method") == "ticketValidation":
            ticket = self._tickets.take(form.get("st", ""))
            if not isinstance(ticket, PersonTicket):
                return JSONResponse({"result": "3101", "errmsg": "票据无效"})
            token = self._tickets.issue(PersonToken(ticket.person))
            return JSONResponse({"result": "0", "errmsg": "成功", "token": token})
        if form.get("method") == "getUserInfo":
            known = self._tickets.look(form.get("token", ""))
            if not isinstance(known, PersonToken):
                return JSONResponse({"result": "3102", "errmsg": "令牌无效"})
            return JSONResponse(self.user_info(known.person))
        return JSONResponse({"result": "1000", "errmsg": "没有这个方法"})

    def _signature_fault(self, form: dict[str, str]) -> str | None:
        time = form.get("time", "")
        right = hashlib.md5(f"{SERVICE_CODE}{SERVICE_SECRET}{time}".encode(), usedforsecurity=False).hexdigest()
        if form.get("servicecode") != SERVICE_CODE or not hmac.compare_digest(form.get("sign", ""), right):
            return "签名不正确"
        now = self._site.now().astimezone(BUSINESS_ZONE)
        earliest, latest = (f"{now + shift:%Y%m%d%H%M%S}" for shift in (-_CLOCKS_DIFFER, _CLOCKS_DIFFER))
        return None if earliest <= time <= latest and len(time) == 14 else "时间戳超出范围"

    def user_info(self, person: Person) -> dict[str, Any]:
        """What the portal knows of a person."""
        return {
            "result": "0",
            "errmsg": "成功",
            "userid": person.subject,
            "username": person.name,
            "idtype": person.id_type,
            "idnum": person.id_number,
            "mobile": person.mobile,
            "authlevel": person.level,
        }

    async def logout(self, request: Request) -> Response:
        """The portal's session ends."""
        body = f'<a class="way" href="{self._site.hall_url}/login">返回单位网厅</a>'
        return page("已退出政务服务网", "您在政务服务网的登录已退出。", body)


class LegalSide:
    """The legal persons' login and the signed user query."""

    def __init__(self, site: Site, tickets: Tickets) -> None:
        self._site = site
        self._tickets = tickets

    def routes(self) -> list[Route]:
        """Its routes."""
        return [
            Route("/legal/login", self.login),
            Route("/legal/login", self.picked, methods=["POST"]),
            Route("/legal/rest/user/query", self.query, methods=["POST"]),
        ]

    async def login(self, request: Request) -> Response:
        """Whose legal person's account is it?"""
        offered = [(one.key, one.company, _about(one)) for one in LEGAL_PEOPLE]
        goto = {"goto": request.query_params["goto"]} if "goto" in request.query_params else {}
        body = choices(f"{self._site.base_url}/legal/login", offered, goto)
        return page("法人登录", "请选择一个演示单位。", body)

    async def picked(self, request: Request) -> Response:
        """Back to the hall with a token."""
        form = await form_of(request)
        legal = next((one for one in LEGAL_PEOPLE if one.key == form.get("who")), None)
        if legal is None:
            return RedirectResponse(f"{self._site.hall_url}/login", 303)
        return RedirectResponse(self.return_address(legal, goto=form.get("goto")), 303)

    def return_address(self, legal: LegalPerson, *, goto: str | None = None) -> str:
        """Where the browser goes once the legal person is known."""
        query = {"ssotoken": self._tickets.issue(LegalToken(legal))} | ({"goto": goto} if goto else {})
        return f"{self._site.callback('zj-legal')}?{urlencode(query)}"

    async def query(self, request: Request) -> Response:
        """The token for what is known of the legal person, signed as the data exchange wants it."""
        if fault := self._signature_fault(request):
            return JSONResponse({"errCode": 401, "msg": fault}, 401)
        try:
            token = json.loads(await request.body())["token"]
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"errCode": 1, "msg": "请求不完整"})
        known = self._tickets.take(str(token))
        if not isinstance(known, LegalToken):
            return JSONResponse({"errCode": 2, "msg": "令牌无效"})
        return JSONResponse({"errCode": 0, "msg": "成功", "info": json.dumps(self.user_info(known.legal))})

    def _signature_fault(self, request: Request) -> str | None:
        headers = request.headers
        at = headers.get("x-bg-date-time", "")
        query = "&".join(sorted(f"{name}={value}" for name, value in parse_qsl(request.url.query)))
        signed = f"POST\n{request.url.path}\n{query}\n{ACCESS_KEY}\n{at}\n"
        right = base64.b64encode(hmac.new(ACCESS_SECRET.encode(), signed.encode(), hashlib.sha256).digest()).decode()
        known = headers.get("x-bg-hmac-access-key") == ACCESS_KEY
        if not known or not hmac.compare_digest(headers.get("x-bg-hmac-signature", ""), right):
            return "签名不正确"
        try:
            age = self._site.now() - parsedate_to_datetime(at)
        except (TypeError, ValueError):
            return "时间戳无法识别"
        return None if abs(age) <= _EXCHANGE_TOLERANCE else "时间戳超出范围"

    def user_info(self, legal: LegalPerson) -> dict[str, Any]:
        """What the portal knows of a legal person's account."""
        return {
            "userId": legal.subject,
            "CompanyName": legal.company,
            "uniscid": legal.uscc,
            "CompanyLegRep": legal.representative,
            "attnName": legal.operator,
            "attnIDType": "111" if legal.operator_id_number else "",
            "attnIDNo": legal.operator_id_number,
            "attnPhone": legal.operator_mobile,
            "realLevel": legal.level,
        }


def _about(legal: LegalPerson) -> str:
    user = f"使用人 {legal.operator}" if legal.operator else "法人证书登录"
    return f"{legal.about}；法定代表人 {legal.representative}，{user}"
