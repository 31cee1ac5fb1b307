"""The dependencies by which a route says who may call it.

    @router.post("", status_code=201)
    async def submit_addition(form: AdditionForm, clerk: DeclaringClerk, tx: Tx) -> ApplicationOut: ...

A route without one of them must say why: `openapi_extra=public("shown before login")`.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import structlog
from fastapi import Depends, Header, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from servicekit.auth.principals import (
    AccountHolder,
    Clerk,
    Delegate,
    Operator,
    PersonPrincipal,
    Principal,
    Reviewer,
    principal_of,
)
from servicekit.auth.tokens import AUDIENCE, INTERNAL_AUDIENCE, Permission, verify
from servicekit.refusals import ConditionRequired, Forbidden, Refusal, Unauthenticated

UNIT_HEADER = "X-Hall-Unit"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_PUBLIC_KEY: Final = "x-hall-public"
_BEARER = HTTPBearer(scheme_name="hall", bearerFormat="JWT", auto_error=False)
_PERMISSION_NAMES: dict[Permission, str] = {"declare": "申报", "maintain": "维护", "query": "查询", "print": "打印"}


class UnitNotChosen(Forbidden):
    """A legal representative or agent who hasn't chosen a unit yet."""

    code = "unit_not_chosen"
    title = "尚未选择单位"
    detail = "请先选择要办理业务的单位。"


class PermissionMissing(Forbidden):
    """The account may act for the unit, but not in this way."""

    code = "permission_missing"
    title = "没有权限"

    def __init__(self, permission: Permission) -> None:
        super().__init__(f"您在当前单位没有“{_PERMISSION_NAMES[permission]}”权限，请联系单位法人或管理员授权。")


class UnitRequired(ConditionRequired):
    """A page must say which unit it shows before it changes anything."""

    code = "unit_required"
    title = "缺少当前单位"
    detail = "请求没有说明当前页面所属的单位，请刷新页面后重试。"


class UnitMismatch(Refusal):
    """The tab shows one unit, the session has been switched to another in a second tab."""

    code = "unit_mismatch"
    title = "单位不一致"
    detail = "当前页面所属单位与已切换的单位不一致，请刷新页面后再操作。"


async def optional_principal(request: Request) -> Principal | None:
    """Who asks, or None without a token. Also sets `request.state.principal`, which the transaction reads.

    Raises:
        Unauthenticated: there is a token, and it is worth nothing.
    """
    header = request.headers.get("authorization")
    if header is None:
        request.state.principal = None
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    runtime = request.app.state.runtime
    claims = await verify(token.strip(), runtime.keys, audience=(AUDIENCE, INTERNAL_AUDIENCE), now=runtime.clock.now())
    principal = principal_of(claims)
    request.state.principal = principal
    structlog.contextvars.bind_contextvars(account_id=str(principal.account_id), account_kind=principal.kind)
    if isinstance(principal, Clerk):
        structlog.contextvars.bind_contextvars(employer_no=principal.employer_no)
    return principal


async def require_principal(
    principal: Annotated[Principal | None, Depends(optional_principal)],
    _documented: Annotated[object, Depends(_BEARER)],
) -> Principal:
    """Whoever it is, with a token. Every dependency below stands on this one.

    Raises:
        Unauthenticated: there is no token.
    """
    if principal is None:
        raise Unauthenticated
    return principal


async def _outside_principal(principal: Annotated[Principal, Depends(require_principal)]) -> Principal:
    if isinstance(principal, Delegate):  # made for /internal: must not open what people use
        raise Unauthenticated
    return principal


def _check_unit(request: Request, clerk: Clerk, shown: str | None) -> None:
    if clerk.via != "session":
        return
    if shown is None:
        # Event streams and links to files can't send headers; they change nothing.
        if request.method not in _SAFE_METHODS:
            raise UnitRequired
    elif shown != clerk.employer_no:
        raise UnitMismatch


_ShownUnit = Annotated[
    str | None,
    Header(alias=UNIT_HEADER, description="页面所属单位的单位编号；会话方式提交时必填"),
]


async def _any_principal(
    request: Request,
    principal: Annotated[Principal, Depends(_outside_principal)],
    shown: _ShownUnit = None,
) -> Principal:
    if isinstance(principal, AccountHolder):
        raise UnitNotChosen
    if isinstance(principal, Clerk):
        _check_unit(request, principal, shown)
    return principal


async def _any_clerk(principal: Annotated[Principal, Depends(_any_principal)]) -> Clerk:
    if not isinstance(principal, Clerk):
        raise Forbidden
    return principal


def _clerk_who_may(permission: Permission) -> Callable[..., Awaitable[Clerk]]:
    async def clerk_who_may(clerk: Annotated[Clerk, Depends(_any_clerk)]) -> Clerk:
        if not clerk.may(permission):
            raise PermissionMissing(permission)
        return clerk

    return clerk_who_may


async def _reviewer(principal: Annotated[Principal, Depends(_outside_principal)]) -> Reviewer:
    if not isinstance(principal, Reviewer):
        raise Forbidden
    return principal


async def _operator(principal: Annotated[Principal, Depends(_outside_principal)]) -> Operator:
    if not isinstance(principal, Operator):
        raise Forbidden
    return principal


async def _person(principal: Annotated[Principal, Depends(_outside_principal)]) -> PersonPrincipal:
    if not isinstance(principal, PersonPrincipal):
        raise Forbidden
    return principal


async def _internal_reader(principal: Annotated[Principal, Depends(require_principal)]) -> Delegate:
    if not isinstance(principal, Delegate):
        raise Unauthenticated
    if not (principal.may("print") or principal.may("query")):
        raise PermissionMissing("print")
    return principal


SignedInAccount = Annotated[Principal, Depends(_outside_principal)]
"""Anyone with a token, with or without a chosen unit."""
AnyPrincipal = Annotated[Principal, Depends(_any_principal)]
"""Anyone who can do business: clerks with a unit, staff, persons."""
AnyClerk = Annotated[Clerk, Depends(_any_clerk)]
"""A clerk with a unit, whatever the permissions."""
DeclaringClerk = Annotated[Clerk, Depends(_clerk_who_may("declare"))]
"""A clerk who may declare (申报)."""
MaintainingClerk = Annotated[Clerk, Depends(_clerk_who_may("maintain"))]
"""A clerk who may change the unit's data (维护)."""
QueryingClerk = Annotated[Clerk, Depends(_clerk_who_may("query"))]
"""A clerk who may look things up (查询)."""
PrintingClerk = Annotated[Clerk, Depends(_clerk_who_may("print"))]
"""A clerk who may have documents made (打印)."""
ReviewingStaff = Annotated[Reviewer, Depends(_reviewer)]
"""Agency staff who decide applications."""
OperatingStaff = Annotated[Operator, Depends(_operator)]
"""Agency staff who run the hall."""
SignedInPerson = Annotated[PersonPrincipal, Depends(_person)]
"""An insured person on their own behalf."""
InternalReader = Annotated[Delegate, Depends(_internal_reader)]
"""Another service reading under a clerk's authority (print or query)."""


def public(why: str) -> dict[str, Any]:
    """`openapi_extra=public("...")`: the route has no principal, and this is the reason."""
    return {_PUBLIC_KEY: why}


def public_reason(route: APIRoute) -> str | None:
    """Why a route is public, if it says so."""
    reason = (route.openapi_extra or {}).get(_PUBLIC_KEY)
    return reason if isinstance(reason, str) and reason else None


def is_guarded(route: APIRoute) -> bool:
    """Whether a route asks for a principal. For the structure tests."""
    return _needs(route.dependant, require_principal)


def _needs(dependant: Dependant, call: Callable[..., Any]) -> bool:
    return any(sub.call is call or _needs(sub, call) for sub in dependant.dependencies)
