"""The hot path: a request of `/api/<service>/...` to its service and the answer back, both streamed."""

from collections.abc import Hashable, Mapping
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
from gateway.limits import Admission, KeyRates, origin_of
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
from servicekit import tracing

Message = dict[str, Any]

METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"))
IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))
MAX_CREDENTIAL = 512
KNOWN_PATHS = 4_096
"""Paths that were looked at and found good are remembered, up to so many."""
MAX_PROBLEM = 64 * 1024
UNAUTHENTICATED = "unauthenticated"
"""The code of servicekit's refusal of a request without a usable token."""


class Refused(Exception):
    """The gateway itself says no. `retry_after` in seconds, where it isn't the problem's own."""

    def __init__(self, code: str, *, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class Call:
    """One request on its way through the proxy, with what was found out about it."""

    __slots__ = (
        "client", "counted_as", "credential", "entry", "heard", "https", "incoming", "limit", "receive", "scope",
        "send", "swap", "traceparent",
    )  # fmt: skip

    def __init__(self, scope: Message, receive: Any, send: Any, entry: Entry, *, https: bool) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.entry = entry
        self.https = https
        self.incoming: Incoming
        self.client = ""
        self.counted_as: Hashable = None
        self.credential: Credential | None = None
        self.swap: Swap | None = None
        self.heard = 0
        """How much news there was when the swap was right."""
        self.limit = 0
        self.traceparent = b""

    def own_traceparent(self) -> str:
        """The trace to continue: the client's, when it named one properly, or the one begun for it."""
        if hall_headers.trace_of(self.incoming.traceparent) and self.incoming.traceparent is not None:
            return self.incoming.traceparent.decode()
        return f"00-{self.entry.trace_id}-{new_span_id()}-01"


class Proxy:
    """Everything between a client's request and a service's answer."""

    def __init__(
        self, settings: GatewaySettings, upstreams: Mapping[str, Upstream], swaps: SwapCache, key_rates: KeyRates
    ) -> None:
        self._upstreams = dict(upstreams)
        self._known_paths: dict[bytes, str] = {}
        self._swaps = swaps
        self._admission = Admission(per_client=settings.client_requests, total=settings.total_requests)
        self._key_rates = key_rates
        self._cookie = settings.cookie_name.encode()
        self._set_cookie_prefix = self._cookie + b"="
        self._body_limit = settings.body_limit
        self._upload_limit = settings.upload_limit
        self._upload_segments = frozenset(segment.encode() for segment in settings.upload_segments)
        self._body_silence = settings.body_silence
        self._trusted = [ip_network(network) for network in settings.trusted_proxies]
        self._trust: dict[str, bool] = {}
        self._public_host = urlsplit(settings.public_url).netloc.lower().encode() if settings.public_url else None
        self._https = settings.profile == "production"
        self._tracing = settings.otlp_endpoint is not None
        self._headers = {https: [*security.standard(https=https), security.DATA_POLICY] for https in (False, True)}

    @property
    def under_way(self) -> int:
        """Requests being answered right now."""
        return self._admission.under_way

    async def handle(self, scope: Message, receive: Any, send: Any, entry: Entry) -> None:
        """Answer one request below `/api/`. Fills in `entry` for the log."""
        call = Call(scope, receive, send, entry, https=self._https)
        try:
            call.incoming = incoming = hall_headers.read(scope["headers"])
            trace_id = hall_headers.trace_of(incoming.traceparent)
            entry.trace_id = trace_id.decode() if trace_id else new_trace_id()
            self._see_client(call)
            upstream = self._route(scope, entry)
            call.credential = self._credential(incoming)
            self._check(call)
            self._admit(call)
            try:
                if self._tracing:
                    with tracing.server_span(call.own_traceparent(), f"{scope['method']} /api/{entry.service}"):
                        call.traceparent = (tracing.current_traceparent() or "").encode()
                        await self._exchange(call, upstream)
                else:
                    call.traceparent = f"00-{entry.trace_id}-{new_span_id()}-01".encode()
                    await self._exchange(call, upstream)
            finally:
                self._admission.leave(call.counted_as)
        except BadHeaders:
            await self.refuse(send, "bad_request", entry, https=call.https)
        except BadPath:
            await self.refuse(send, "bad_path", entry, https=call.https)
        except (Refused, BodyRefused, UpstreamError) as refusal:
            if entry.status:  # too late for another answer: break this one off, so that nobody takes it for whole
                entry.broken = refusal.code
                return
            wait = refusal.retry_after if isinstance(refusal, Refused) else None
            extra = None if wait is None else [(b"retry-after", b"%d" % wait)]
            await self.refuse(send, refusal.code, entry, https=call.https, extra=extra)
        except ClientGone:
            entry.broken = "client_gone"

    def _admit(self, call: Call) -> None:
        """Count the request for whoever it is known to come from. Raises Refused."""
        if call.credential is not None:
            call.swap, call.heard = self._swaps.cached(call.credential), self._swaps.heard
        known_as = None if call.swap is None else call.swap.known_as
        call.counted_as = origin_of(call.client) if known_as is None else known_as
        refused = self._admission.enter(call.counted_as)
        if refused is not None:
            raise Refused(refused)

    async def _find_swap(self, call: Call, credential: Credential) -> Swap:
        """Ask identity, and count the request for whoever it turns out to come from. Raises Refused."""
        swap = await self._swaps.get(credential, call.traceparent)
        if swap.known_as is not None:
            refused = self._admission.move(call.counted_as, swap.known_as)
            if refused is not None:
                raise Refused(refused)
            call.counted_as = swap.known_as
        return swap

    def _check(self, call: Call) -> None:
        """What can be said without asking anybody. Raises Refused."""
        incoming, credential = call.incoming, call.credential
        if (
            call.scope["method"] not in SAFE_METHODS
            and (credential is None or credential[0] == "session")
            and forged(
                with_session=credential is not None,
                fetch_site=incoming.fetch_site,
                origin=incoming.origin,
                host=incoming.host,
                public_host=self._public_host,
            )
        ):
            raise Refused("cross_site_request")
        if not self._upload_segments.isdisjoint(call.scope["raw_path"].split(b"/")):
            call.limit = self._upload_limit
        else:
            call.limit = self._body_limit
        if incoming.content_length is not None and incoming.content_length > call.limit:
            raise Refused("payload_too_large")

    def _route(self, scope: Message, entry: Entry) -> Upstream:
        if scope["method"] not in METHODS:
            raise Refused("method_not_allowed")
        raw_path = scope["raw_path"]
        name = self._known_paths.get(raw_path)
        if name is None:
            name = service_of(raw_path, self._upstreams)
            if name is None:
                raise Refused("not_found")
            if len(self._known_paths) >= KNOWN_PATHS:
                self._known_paths.clear()
            self._known_paths[raw_path] = name
        entry.service = name
        return self._upstreams[name]

    def _see_client(self, call: Call) -> None:
        """The address that rate limits count, and whether the client speaks https with whoever is outermost."""
        scope, incoming = call.scope, call.incoming
        call.client = peer = scope["client"][0] if scope.get("client") else ""
        call.https = self._https or scope.get("scheme") == "https"
        if not self._trusted or not self._is_trusted(peer):
            return
        for address in reversed(b",".join(incoming.forwarded_for).decode("latin-1").split(",")):
            address = address.strip()
            if not _is_address(address):
                break
            call.client = address
            if not self._is_trusted(address):
                break
        call.https = call.https or incoming.forwarded_proto == b"https"

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

    async def _exchange(self, call: Call, upstream: Upstream) -> None:
        scope, incoming, entry = call.scope, call.incoming, call.entry
        method = scope["method"]
        passing = incoming.passing
        if call.credential is not None:
            if call.swap is None:
                call.swap = await self._find_swap(call, call.credential)
                call.heard = self._swaps.heard
            if call.swap.outcome == "granted":
                passing.append((b"authorization", call.swap.authorization))
                entry.account_id = call.swap.account_id
                if call.swap.requests_per_minute is not None:
                    key_id, per_minute = call.swap.session_id, call.swap.requests_per_minute
                    wait = await self._key_rates.take(key_id, per_minute, call.traceparent)
                    if wait:
                        raise Refused("api_key_too_fast", retry_after=wait)
        passing.append((b"host", incoming.host))
        passing.append((b"x-forwarded-for", call.client.encode("latin-1")))
        passing.append((b"x-forwarded-proto", b"https" if call.https else b"http"))
        passing.append((b"x-forwarded-host", incoming.host))
        passing.append((b"traceparent", call.traceparent))
        body = None
        if incoming.has_body and incoming.content_length != 0:
            length = incoming.content_length
            body = RequestBody(call.receive, length=length, limit=call.limit, silence=self._body_silence)
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
            if response.status == 401 and call.swap is not None:
                await self._unauthorised(call, call.swap, response)
            else:
                await self._pass_on(call, response)
        finally:
            response.close()

    async def _pass_on(self, call: Call, response: UpstreamResponse) -> None:
        send, entry = call.send, call.entry
        await send(self._start(call, response))
        body = response.take()
        entry.bytes_out = len(body)
        if response.complete:
            await send({"type": "http.response.body", "body": body})
            return
        # The first piece, empty if need be, makes the server send the head: an event stream must open at once.
        await send({"type": "http.response.body", "body": body, "more_body": True})
        if response.endless and call.swap is not None and call.swap.outcome == "granted":
            await self._pass_stream_on(call, call.swap, response)
        else:
            await self._pass_rest_on(call, response)
        await send({"type": "http.response.body", "body": b""})

    async def _pass_rest_on(self, call: Call, response: UpstreamResponse) -> None:
        while body := await response.read():
            call.entry.bytes_out += len(body)
            await call.send({"type": "http.response.body", "body": body, "more_body": True})

    async def _pass_stream_on(self, call: Call, opened_by: Swap, response: UpstreamResponse) -> None:
        """An event stream goes on only as long as whoever opened it may see it."""
        with self._swaps.streams.open(opened_by, response.close) as stream:
            if self._swaps.overtaken(opened_by, call.heard):  # ended between the question and now
                return
            try:
                await self._pass_rest_on(call, response)
            except UpstreamError:
                if not stream.ended:
                    raise

    def _start(self, call: Call, response: UpstreamResponse) -> Message:
        entry, status = call.entry, response.status
        outgoing = Outgoing(response.headers, bodiless=status in (204, 304))
        headers = outgoing.passing
        extra = self._headers[call.https]
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
        if outgoing.set_cookies and call.credential is not None:
            for cookie in outgoing.set_cookies:
                if cookie.startswith(self._set_cookie_prefix):  # logged out or rotated: the old one is over, now
                    self._swaps.drop(call.credential)
        if outgoing.content_type.startswith(b"text/event-stream"):
            response.endless = True
        entry.status = status
        return {"type": "http.response.start", "status": status, "headers": headers}

    async def _unauthorised(self, call: Call, swap: Swap, response: UpstreamResponse) -> None:
        """A service refused a request that carried a credential: say what was wrong with the credential.

        Routes that need nobody answer 401 for reasons of their own (a wrong password): those pass unchanged.
        """
        assert call.credential is not None  # noqa: S101 - there is no swap without one
        body = b""
        while len(body) <= MAX_PROBLEM and (piece := await response.read()):
            body += piece
        if _code_of(body) == UNAUTHENTICATED:
            if swap.outcome != "granted":
                # The cookie stays: after a unit switch another tab's late request may carry the old one, and taking the
                # cookie away would take the new one.
                await self.refuse(call.send, refusal_code(swap, call.credential[0]), call.entry, https=call.https)
                return
            self._swaps.drop(call.credential)  # a token that a service doesn't take: the next request gets a new one
        start = self._start(call, response)
        start["headers"] = [header for header in start["headers"] if header[0] != b"content-length"]
        start["headers"].append((b"content-length", b"%d" % len(body)))
        call.entry.bytes_out = len(body)
        await call.send(start)
        await call.send({"type": "http.response.body", "body": body})

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
