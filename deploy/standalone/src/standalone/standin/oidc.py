"""The stand-in's OpenID Connect side: discovery, keys, authorization code with PKCE, ID token, userinfo, logout."""

import base64
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from standalone.standin.pages import choices, page
from standalone.standin.people import PEOPLE, Person
from standalone.standin.shared import CLIENT_ID, CLIENT_SECRET, Site, Tickets, form_of

_TOKEN_LIFE = timedelta(minutes=5)


@dataclass(frozen=True)
class Grant:
    """What a code stands for."""

    person: Person
    nonce: str
    challenge: str
    redirect_uri: str


@dataclass(frozen=True)
class Access:
    """What an access token stands for."""

    person: Person


class OidcSide:
    """A provider of OpenID Connect whose users are the stand-in's people. It tells names only."""

    def __init__(self, site: Site, tickets: Tickets) -> None:
        self._site = site
        self._tickets = tickets
        self.issuer = f"{site.base_url}/oidc"
        self._keys: list[ECKey] = []
        self.rotate()

    def rotate(self) -> None:
        """Signs with a new key from now on; the old ones are no longer published."""
        self._keys = [ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)]

    def routes(self) -> list[Route]:
        """Its routes."""
        return [
            Route("/oidc/.well-known/openid-configuration", self.discovery),
            Route("/oidc/jwks", self.jwks),
            Route("/oidc/authorize", self.authorize),
            Route("/oidc/authorize", self.picked, methods=["POST"]),
            Route("/oidc/token", self.token, methods=["POST"]),
            Route("/oidc/userinfo", self.userinfo),
            Route("/oidc/logout", self.logout),
        ]

    async def discovery(self, request: Request) -> Response:
        """What the provider says of itself."""
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "end_session_endpoint": f"{self.issuer}/logout",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def jwks(self, request: Request) -> Response:
        """The public keys."""
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self._keys]})

    def _request_fault(self, asked: Any) -> str | None:
        if asked.get("client_id") != CLIENT_ID or asked.get("redirect_uri") != self._site.callback("oidc"):
            return "应用或回调地址未登记。"
        if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
            return "不支持的请求类型。"
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            return "请求缺少 PKCE。"
        return None

    async def authorize(self, request: Request) -> Response:
        """Who are you?"""
        asked = dict(request.query_params)
        if fault := self._request_fault(asked):
            return page("无法登录", fault, "", status=400)
        offered = [(one.key, one.name, one.about) for one in PEOPLE]
        body = choices(f"{self.issuer}/authorize", offered, asked)
        return page("统一身份认证", "请选择一个演示身份。", body)

    async def picked(self, request: Request) -> Response:
        """Back to the hall with a code, or with the news that nobody wanted to sign in."""
        form = await form_of(request)
        if fault := self._request_fault(form):
            return page("无法登录", fault, "", status=400)
        answer = {"state": form.get("state", ""), "iss": self.issuer}
        person = next((one for one in PEOPLE if one.key == form.get("who")), None)
        if person is None:
            answer |= {"error": "access_denied"}
        else:
            grant = Grant(person, form.get("nonce", ""), form["code_challenge"], form["redirect_uri"])
            answer |= {"code": self._tickets.issue(grant)}
        return RedirectResponse(f"{form['redirect_uri']}?{urlencode(answer)}", 303)

    async def token(self, request: Request) -> Response:
        """The code for tokens."""
        form = await form_of(request)
        if not _is_client(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        grant = self._tickets.take(form.get("code", ""))
        proof = create_s256_code_challenge(form.get("code_verifier", ""))
        if (
            not isinstance(grant, Grant)
            or form.get("redirect_uri") != grant.redirect_uri
            or not hmac.compare_digest(proof, grant.challenge)
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {
                "access_token": self._tickets.issue(Access(grant.person)),
                "token_type": "Bearer",
                "expires_in": 60,
                "id_token": self.sign(self.claims(grant)),
            }
        )

    def claims(self, grant: Grant) -> dict[str, Any]:
        """What the ID token says."""
        now = self._site.now()
        return {
            "iss": self.issuer,
            "sub": grant.person.subject,
            "aud": CLIENT_ID,
            "nonce": grant.nonce,
            "iat": int(now.timestamp()),
            "exp": int((now + _TOKEN_LIFE).timestamp()),
            "acr": grant.person.level,
        }

    def sign(self, claims: dict[str, Any]) -> str:
        """An ID token."""
        key = self._keys[0]
        return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])

    async def userinfo(self, request: Request) -> Response:
        """What an access token may know."""
        known = self._tickets.look(request.headers.get("authorization", "").removeprefix("Bearer "))
        if not isinstance(known, Access):
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse(self.user_info(known.person))

    def user_info(self, person: Person) -> dict[str, Any]:
        """The claims of a person."""
        return {"sub": person.subject, "name": person.name}

    async def logout(self, request: Request) -> Response:
        """RP-initiated logout. Nobody is really signed in here, so there is nothing to ask."""
        back = request.query_params.get("post_logout_redirect_uri")
        if back != f"{self._site.hall_url}/login":
            return page("已退出统一身份认证", "您在统一身份认证的登录已退出。", "")
        return RedirectResponse(back, 303)


def _is_client(request: Request, form: dict[str, str]) -> bool:
    """Whether the hall proved itself, by either method."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme == "Basic":
        name, _, secret = base64.b64decode(value).decode().partition(":")
        shown = (unquote(name), unquote(secret))
    else:
        shown = (form.get("client_id", ""), form.get("client_secret", ""))
    return hmac.compare_digest(repr(shown), repr((CLIENT_ID, CLIENT_SECRET)))
