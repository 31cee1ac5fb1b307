"""The stand-in as an ASGI application, and the settings by which identity knows it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from standalone.standin.oidc import OidcSide
from standalone.standin.pages import page, ways
from standalone.standin.portal import LegalSide, PersonSide
from standalone.standin.shared import (
    ACCESS_KEY,
    ACCESS_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    SERVICE_CODE,
    SERVICE_SECRET,
    Site,
    Tickets,
)


def _real_time() -> datetime:
    return datetime.now(UTC)


class StandIn:
    """All three providers. `base_url` is where browsers reach it, `hall_url` the hall it sends them back to."""

    oidc_side: type[OidcSide] = OidcSide

    def __init__(self, base_url: str, hall_url: str, *, now: Callable[[], datetime] = _real_time) -> None:
        self.site = Site(base_url.rstrip("/"), hall_url.rstrip("/"), now)
        tickets = Tickets(now)
        self.person = PersonSide(self.site, tickets)
        self.legal = LegalSide(self.site, tickets)
        self.oidc = self.oidc_side(self.site, tickets)
        self.app = Starlette(
            routes=[Route("/", self._home), *self.person.routes(), *self.legal.routes(), *self.oidc.routes()]
        )

    async def _home(self, request: Request) -> Response:
        """The portal's own front page, from which one may enter the hall without having been there."""
        offered = [
            (
                f"{self.site.base_url}/sso/usp.do?action=ssoLogin&servicecode={SERVICE_CODE}",
                "个人办事",
                "从门户直接进入单位网厅",
            ),
            (f"{self.site.base_url}/legal/login", "法人办事", "从门户直接进入单位网厅"),
        ]
        return page("政务服务门户", "选择一项服务，登录后进入单位网厅。", ways(offered))


def provider_settings(base_url: str) -> list[dict[str, Any]]:
    """What identity is told of the stand-in, as the setting `sso_providers`."""
    base = base_url.rstrip("/")
    return [
        {
            "kind": "zj_person",
            "key": "zj-person",
            "title": "浙江政务服务网（个人）",
            "login_url": f"{base}/sso/usp.do",
            "ticket_url": f"{base}/sso/servlet/simpleauth",
            "logout_url": f"{base}/sso/logout",
            "service_code": SERVICE_CODE,
            "service_secret": SERVICE_SECRET,
            "sufficient_levels": ["2", "3"],
        },
        {
            "kind": "zj_legal",
            "key": "zj-legal",
            "title": "浙江政务服务网（法人）",
            "login_url": f"{base}/legal/login",
            "query_url": f"{base}/legal/rest/user/query",
            "logout_url": f"{base}/sso/logout",
            "access_key": ACCESS_KEY,
            "access_secret": ACCESS_SECRET,
            "sufficient_levels": ["1", "2", "3"],
        },
        {
            "kind": "oidc",
            "key": "oidc",
            "title": "统一身份认证",
            "issuer": f"{base}/oidc",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        },
    ]
