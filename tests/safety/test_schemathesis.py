"""Each service does as its OpenAPI document says, whatever comes in: schemathesis makes the requests and the checks.

Half of the requests keep to the document, the other half break it. No answer may be a server error, and each has a
documented status, content type and schema.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest
import requests
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from servicekit.auth import INTERNAL_AUDIENCE
from servicekit.ids import uuid7
from tests.integration.identity.entrance import GATEWAY_SECRET, REPORTING_SECRET
from tests.safety.filled import Filled, filled, of_person
from tests.safety.routes import CLERKS, PERSONS, ROUTES, Route, worded
from tests.support.databases import TestDatabases

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
AnyCase: TypeAlias = Case[Any]
AnyOperation: TypeAlias = APIOperation[Any, Any, Any, Any]
EXAMPLES = 25
_BASE = "http://hall.test"


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    """An event loop in a thread of its own: schemathesis and hypothesis are synchronous."""
    with start_blocking_portal() as opened:
        yield opened


@pytest.fixture(scope="module")
def running(
    portal: BlockingPortal, databases: TestDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Filled]]:
    """A service by its name, with data; started when it is asked for first."""
    services: dict[str, Filled] = {}
    with ExitStack() as stack:

        def service(name: str) -> Filled:
            if name not in services:
                folder: Path = tmp_path_factory.mktemp(name)
                opening = portal.wrap_async_context_manager(filled(name, databases, folder))
                services[name] = stack.enter_context(opening)
            return services[name]

        yield service


def _operation(service: Filled, route: Route) -> AnyOperation:
    """What the service's document says of a route."""
    document = deepcopy(service.hall.app.openapi())
    # Who may come in is the matrix's business; schemathesis would spend its examples on leaving the token out.
    document["components"].pop("securitySchemes", None)
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
    # Also 412, 428, 429: what stands in the headers and how often somebody asks is looked at first.
    refused = {"checks": {"negative_data_rejection": {"expected-statuses": ["4XX"]}}}
    config = schemathesis.Config.from_dict(refused)
    return schemathesis.openapi.from_dict(document, config=config)[route.path][route.method]


def _takes_anything(operation: AnyOperation) -> bool:
    return bool(operation.path_parameters or operation.query or operation.headers or operation.body)


def _authority(portal: BlockingPortal, service: Filled, route: Route) -> Callable[[], Mapping[str, str]]:
    """Headers of somebody who may use the route; a new token every time."""
    tokens = service.hall.tokens
    if route.access == "public":
        return dict
    if route.access == "secret":
        secret = GATEWAY_SECRET if "swaps" in route.path else REPORTING_SECRET
        return lambda: {"Authorization": f"Bearer {secret}"}
    if route.access in ("reviewer", "operator"):
        return lambda: tokens.headers(kind=route.access)
    if route.access in PERSONS:
        return lambda: tokens.headers(**of_person(route.access, service.insured))
    claims = dict(service.inside(route.access))
    if route.access == "account" and service.signed_in_again is not None:
        claims = dict(portal.call(service.signed_in_again))
    if route.access == "delegate":
        claims |= {"audience": INTERNAL_AUDIENCE, "via": "delegation"}
    assert route.access in CLERKS | {"account", "agent", "delegate"}
    return lambda: tokens.headers(stepped_up=route.stepped_up, **claims)


def _send(portal: BlockingPortal, service: Filled, case: AnyCase, headers: Mapping[str, str]) -> httpx.Response:
    prepared = requests.Request(**_known(case.as_transport_kwargs(base_url=_BASE))).prepare()
    made = {str(name): str(value) for name, value in prepared.headers.items() if name != "Content-Length"}
    body: Any = prepared.body

    async def ask() -> httpx.Response:
        return await service.hall.client.request(
            str(prepared.method), str(prepared.url), content=body, headers={**made, **headers}
        )

    return portal.call(ask)


def _known(arguments: Mapping[str, Any]) -> dict[str, Any]:
    names = ("method", "url", "headers", "files", "data", "params", "cookies", "json")
    return {name: value for name, value in arguments.items() if name in names}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize("route", {str(route): route for route in ROUTES}.values(), ids=str)
def test_does_as_documented(
    route: Route, mode: GenerationMode, portal: BlockingPortal, running: Callable[[str], Filled]
) -> None:
    service = running(route.service)
    operation = _operation(service, route)
    authority = _authority(portal, service, route)
    if mode is GenerationMode.NEGATIVE and not _takes_anything(operation):
        return  # nothing of it can be wrong

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), existing=st.booleans())
    def check(case: AnyCase, existing: bool) -> None:
        headers = {**authority()}
        if mode is GenerationMode.POSITIVE:  # the others keep what is wrong with them
            headers |= {"Idempotency-Key": str(uuid7()), "If-Match": '"v1"', "Prefer": "wait=0"}
            if existing and case.path_parameters:
                words = service.words_of(route.access)
                case.path_parameters.update({n: w for n, w in words.items() if n in case.path_parameters})
        answer = _send(portal, service, case, headers)
        case.validate_response(answer, checks=CHECKS)

    check()


def _body(service: Filled, route: Route) -> Any:
    if route.body is None:
        return schemathesis.core.NOT_SET
    body = worded(route.body, service.words_of(route.access))
    return {**body, "file": service.files[route.file]} if route.file else body


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_sensible_request_is_answered_as_documented(
    route: Route, portal: BlockingPortal, running: Callable[[str], Filled]
) -> None:
    service = running(route.service)
    operation = _operation(service, route)
    case = operation.Case(
        path_parameters={n: w for n, w in service.words_of(route.access).items() if f"{{{n}}}" in route.path},
        query=worded(route.query, service.words_of(route.access)),
        body=_body(service, route),
        headers={"Idempotency-Key": str(uuid7()), "If-Match": '"v1"'},
        media_type=None if route.body is None else "multipart/form-data" if route.file else "application/json",
    )
    answer = _send(portal, service, case, _authority(portal, service, route)())
    case.validate_response(answer, checks=CHECKS)
