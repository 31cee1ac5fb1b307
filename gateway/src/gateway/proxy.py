"""The hot path: a request of `/api/<service>/...` to its service and the answer back, both streamed."""

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import orjson

from gateway import headers as hall_headers
from gateway import problems, security
from gateway.access import Entry, new_span_id, new_trace_id
from gateway.bodies import RequestBody
from gateway.csrf import SAFE_METHODS, forged
from gateway.headers import BadHeaders, Incoming, Outgoing
from gateway.limits import Admission
from gateway.paths import BadPath, service_of
from gateway.sessions import Credential, Swap, SwapCache, refusal_code
from gateway.settings import GatewaySettings
from gateway.upstream import (
    BodyRefused,
    ClientGone,
    Upstream,
    UpstreamError,
    UpstreamRequest,
    UpstreamResponse,
)

Message = dict[str, Any]

METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"))
IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))
MAX_CREDENTIAL = 512
UNAUTHENTICATED = "unauthenticated"
"""The code of servicekit's refusal of a request without a usable token."""


class Refused(Exception):
    """The gateway itself says no."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Proxy:
    """Everything between a client's request and a service's answer."""

    def __init__(self, settings: GatewaySettings, upstreams: Mapping[str, Upstream], swaps: SwapCache) -> None:
        self._upstreams = dict(upstreams)
        self._swaps = swaps
        self._admission = Admission(per_client=settings.client_requests, total=settings.total_requests)
        self._cookie = settings.cookie_name.encode()
        self._set_cookie_prefix = self._cookie + b"="
        self._forget_cookie = (
            b"set-cookie",
            self._cookie + b"=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax",
        )
        self._body_limit = settings.body_limit
        self._upload_limit = settings.upload_limit
        self._upload_segments = frozenset(segment.encode() for segment in settings.upload_segments)
        self._body_silence = settings.body_silence
        self._trusted = [ip_network(network) for network in settings.trusted_proxies]
        self._trust: dict[str, bool] = {}
        self._public_host = urlsplit(settings.public_url).netloc.lower().encode() if settings.public_url else None
        self._https = settings.profile == "production"
        self._headers = {https: [*security.standard(https=https), security.DATA_POLICY] for https in (False, True)}

    @property
    def under_way(self) -> int:
        """Requests being answered right now."""
        return self._admission.under_way

    async def handle(self, scope: Message, receive: Any, send: Any, entry: Entry) -> None:
        """Answer one request below `/api/`. Fills in `entry` for the log."""
        https = self._https
        try:
            incoming = hall_headers.read(scope["headers"])
            trace_id = hall_headers.trace_of(incoming.traceparent)
            entry.trace_id = trace_id.decode() if trace_id else new_trace_id()
            client, https = self._client(scope, incoming)
            upstream = self._route(scope, entry)
            credential = self._credential(incoming)
            method = scope["method"]
            if (
                method not in SAFE_METHODS
                and (credential is None or credential[0] == "session")
                and forged(
                    with_session=credential is not None,
                    fetch_site=incoming.fetch_site,
                    origin=incoming.origin,
                    host=incoming.host or b"",
                    public_host=self._public_host,
                )
            ):
                raise Refused("cross_site_request")
            limit = self._limit(scope["raw_path"])
            if incoming.content_length is not None and incoming.content_length > limit:
                raise Refused("payload_too_large")
            client_key = credential or client
            refused = self._admission.enter(client_key)
            if refused is not None:
                raise Refused(refused)
            try:
                await self._exchange(scope, receive, send, entry, upstream, incoming, credential, client, limit, https)
            finally:
                self._admission.leave(client_key)
        except BadHeaders:
            await self.refuse(send, "bad_request", entry, https=https)
        except BadPath:
            await self.refuse(send, "bad_path", entry, https=https)
        except (Refused, BodyRefused, UpstreamError) as refusal:
            if entry.status:  # too late for another answer: break this one off, so that nobody takes it for whole
                entry.broken = refusal.code
                return
            await self.refuse(send, refusal.code, entry, https=https)
        except ClientGone:
            entry.broken = "client_gone"

    def _route(self, scope: Message, entry: Entry) -> Upstream:
        if scope["method"] not in METHODS:
            raise Refused("method_not_allowed")
        name = service_of(scope["raw_path"], self._upstreams)
        if name is None:
            raise Refused("not_found")
        entry.service = name
        return self._upstreams[name]

    def _client(self, scope: Message, incoming: Incoming) -> tuple[str, bool]:
        """The address that rate limits count, and whether the client speaks https with whoever is outermost."""
        peer = scope["client"][0] if scope.get("client") else ""
        https = self._https or scope.get("scheme") == "https"
        if not self._trusted or not self._is_trusted(peer):
            return peer, https
        for address in reversed(b",".join(incoming.forwarded_for).decode("latin-1").split(",")):
            address = address.strip()
            if not _is_address(address):
                break
            peer = address
            if not self._is_trusted(address):
                break
        return peer, https or incoming.forwarded_proto == b"https"

    def _is_trusted(self, address: str) -> bool:
        known = self._trust.get(address)
        if known is None:
            known = _is_address(address) and any(ip_address(address) in network for network in self._trusted)
            if len(self._trust) > 10_000:
                self._trust.clear()
            self._trust[address] = known
        return known

    def _credential(self, incoming: Incoming) -> Credential | None:
        """API key before session: it was sent on purpose. Any other Authorization is nobody's here and is dropped."""
        key = incoming.api_key
        if key is None and incoming.authorization is not None:
            scheme, _, value = incoming.authorization.partition(b" ")
            if scheme.lower() == b"bearer" and value.startswith(b"hk_"):
                key = value.strip()
        session = None
        if incoming.cookies:
            session, others = hall_headers.session_of(incoming.cookies, self._cookie)
            if others:
                incoming.passing.append((b"cookie", others))
        if key is not None:
            return ("api_key", key.decode("latin-1")[:MAX_CREDENTIAL])
        if session:
            return ("session", session.decode("latin-1")[:MAX_CREDENTIAL])
        return None

    def _limit(self, raw_path: bytes) -> int:
        if self._upload_segments.isdisjoint(raw_path.split(b"/")):
            return self._body_limit
        return self._upload_limit

    async def _exchange(
        self,
        scope: Message,
        receive: Any,
        send: Any,
        entry: Entry,
        upstream: Upstream,
        incoming: Incoming,
        credential: Credential | None,
        client: str,
        limit: int,
        https: bool,
    ) -> None:
        method = scope["method"]
        span = f"00-{entry.trace_id}-{new_span_id()}-01".encode()
        passing = incoming.passing
        swap: Swap | None = None
        if credential is not None:
            swap = self._swaps.cached(credential) or await self._swaps.get(credential, span)
            if swap.outcome == "granted":
                passing.append((b"authorization", swap.authorization))
                entry.account_id = swap.account_id
        host = incoming.host or b""
        passing.append((b"host", host))
        passing.append((b"x-forwarded-for", client.encode("latin-1")))
        passing.append((b"x-forwarded-proto", b"https" if https else b"http"))
        passing.append((b"x-forwarded-host", host))
        passing.append((b"traceparent", span))
        body = None
        if incoming.has_body and incoming.content_length != 0:
            body = RequestBody(receive, length=incoming.content_length, limit=limit, silence=self._body_silence)
        elif incoming.has_body:
            passing.append((b"content-length", b"0"))
        query = scope["query_string"]
        response = await upstream.send(
            UpstreamRequest(
                method.encode(),
                scope["raw_path"] + b"?" + query if query else scope["raw_path"],
                passing,
                body,
                method in IDEMPOTENT or any(name == b"idempotency-key" for name, _ in passing),
            )
        )
        try:
            if response.status == 401 and credential is not None:
                await self._unauthorised(send, entry, response, credential, swap, https)
            else:
                await self._pass_on(send, entry, response, credential, https)
        finally:
            response.close()

    async def _pass_on(
        self, send: Any, entry: Entry, response: UpstreamResponse, credential: Credential | None, https: bool
    ) -> None:
        start = self._start(entry, response, credential, https)
        if response.complete:
            body = response.take()
            entry.bytes_out = len(body)
            await send(start)
            await send({"type": "http.response.body", "body": body})
            return
        await send(start)
        # The first piece, empty if need be, makes the server send the head: an event stream must open at once.
        body = response.take()
        entry.bytes_out += len(body)
        await send({"type": "http.response.body", "body": body, "more_body": True})
        while body := await response.read():
            entry.bytes_out += len(body)
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _start(self, entry: Entry, response: UpstreamResponse, credential: Credential | None, https: bool) -> Message:
        status = response.status
        outgoing = Outgoing(response.headers, bodiless=status in (204, 304))
        headers = outgoing.passing
        extra = self._headers[https]
        if outgoing.csp:
            headers += extra[:-1]
        elif outgoing.content_type == b"application/pdf":
            headers += extra[:-1]
            headers.append(security.DOCUMENT_POLICY)
        else:
            headers += extra
        if not outgoing.cache_control:
            headers.append((b"cache-control", b"no-store"))
        headers.append((b"x-request-id", entry.trace_id.encode()))
        if outgoing.set_cookies and credential is not None:
            for cookie in outgoing.set_cookies:
                if cookie.startswith(
                    self._set_cookie_prefix
                ):  # logged out or rotated: the old one is over here and now
                    self._swaps.drop(credential)
        if outgoing.content_type.startswith(b"text/event-stream"):
            response.endless = True
        entry.status = status
        return {"type": "http.response.start", "status": status, "headers": headers}

    async def _unauthorised(
        self,
        send: Any,
        entry: Entry,
        response: UpstreamResponse,
        credential: Credential,
        swap: Swap | None,
        https: bool,
    ) -> None:
        """A service refused a request that carried a credential: say what was wrong with the credential.

        Routes that need nobody answer 401 for reasons of their own (a wrong password): those pass unchanged.
        """
        body = b""
        while len(body) <= 64 * 1024 and (piece := await response.read()):
            body += piece
        nobody = _code_of(body) == UNAUTHENTICATED
        if nobody and swap is not None:
            if swap.outcome != "granted":
                code = refusal_code(swap, credential[0])
                forget = [self._forget_cookie] if code == "session_expired" else []
                await self.refuse(send, code, entry, https=https, extra=forget)
                return
            self._swaps.drop(credential)  # a token that a service doesn't take: the next request gets a new one
        start = self._start(entry, response, credential, https)
        start["headers"] = [header for header in start["headers"] if header[0] != b"content-length"]
        start["headers"].append((b"content-length", b"%d" % len(body)))
        entry.bytes_out = len(body)
        await send(start)
        await send({"type": "http.response.body", "body": body})

    async def refuse(
        self,
        send: Any,
        code: str,
        entry: Entry,
        *,
        https: bool | None = None,
        extra: list[tuple[bytes, bytes]] | None = None,
    ) -> None:
        """Answer with a problem of the gateway's own."""
        entry.trace_id = entry.trace_id or new_trace_id()
        status, headers, body = problems.render(code, entry.trace_id)
        headers += self._headers[self._https if https is None else https]
        headers.append((b"x-request-id", entry.trace_id.encode()))
        headers += extra or []
        entry.status = status
        entry.problem = code
        entry.bytes_out = len(body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _code_of(body: bytes) -> object:
    try:
        problem = orjson.loads(body)
    except ValueError:
        return None
    return problem.get("code") if isinstance(problem, dict) else None
