"""The dependencies by which a route says who may call it.

    @router.post("", status_code=201)
    async def submit_addition(form: AdditionForm, clerk: DeclaringClerk, tx: Tx) -> ApplicationOut: ...

A route without one of them must say why: `openapi_extra=public("shown before login")`.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase
from structlog.contextvars import bind_contextvars

from servicekit.auth.principals import (
    AccountHolder,
    Clerk,
    Delegate,
    InsuredPerson,
    LimitedHolder,
    Operator,
    PersonDelegate,
    PersonPrincipal,
    Principal,
    Reviewer,
    principal_of,
)
from servicekit.auth.tokens import AUDIENCE, INTERNAL_AUDIENCE, Limit, Permission, verify
from servicekit.refusals import ConditionRequired, Forbidden, Refusal, Unauthenticated

UNIT_HEADER = "X-Hall-Unit"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_PUBLIC_KEY: Final = "x-hall-public"
_LIMITS: dict[Limit, str] = {
    "second_factor": "您的账号须先设置动态口令，然后才能办理业务。",
    "password": "您的密码已到期，请先修改密码，然后再办理业务。",
}
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


class MandateEnded(Forbidden):
    """A unit was chosen, and the account may act for it no longer."""

    code = "mandate_ended"
    title = "您已不能办理该单位的业务"
    detail = "您在该单位的授权已被解除，或该单位已注销，本次操作未生效；填写的内容仍保留在页面上。请联系单位法人。"


class RepresentativeOnly(Forbidden):
    """Who serves the unit, and how, is decided by its legal representative alone."""

    code = "representative_only"
    title = "仅限法人办理"
    detail = "此项业务只能由单位法人账号办理，经办人账号不能办理。"


class AgentsOnly(Forbidden):
    """Only an agent can be appointed."""

    code = "agents_only"
    title = "仅限经办人账号"
    detail = "只有经办人账号可以接受或解除授权，法人账号和其他账号不能成为单位的经办人。"


class SignInNeeded(Forbidden):
    """An API key must not decide who else comes in: whoever found it would stay for ever."""

    code = "sign_in_needed"
    title = "接口密钥不能办理"
    detail = "此项业务须由本人登录网页办理，不能通过接口密钥办理。"


class PersonNotRecognised(Forbidden):
    """An insured person's account of which nobody knows yet whose insurance it may see."""

    code = "person_not_recognised"
    title = "尚未核对到您的参保登记"
    detail = "系统尚未核对到与您一致的参保登记，暂时无法查看参保和缴费信息。请在个人首页查看原因和办理方法。"


class SessionLimited(Forbidden):
    """Something has to be set before anything else can be done."""

    code = "session_limited"
    title = "请先完成安全设置"

    def __init__(self, limit: Limit) -> None:
        super().__init__(_LIMITS[limit])


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
    if hasattr(request.state, "principal"):
        known: Principal | None = request.state.principal
        return known
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
    bind_contextvars(account_id=str(principal.account_id), account_kind=principal.kind)
    if isinstance(principal, Clerk):
        bind_contextvars(employer_no=principal.employer_no)
    return principal


class Guard(SecurityBase):
    """A dependency that lets some principals in. One object per kind of route, at the same time its documentation.

    Not a chain of small dependencies: FastAPI takes 50 µs for each of them, on each request.
    """

    model = HTTPBearerModel(
        bearerFormat="JWT",
        description=f"会话方式下，提交类请求还须带 {UNIT_HEADER}：页面所属单位的单位编号，与令牌不一致时拒绝。",
    )
    scheme_name = "hall"

    def __init__(self, admit: Callable[[Request, Principal], Principal]) -> None:
        self._admit = admit

    async def __call__(self, request: Request) -> Principal:
        """Whoever may pass.

        Raises:
            Unauthenticated: there is no token, or one made for something else.
            Forbidden: known, but not the one for this.
        """
        principal = await optional_principal(request)
        if principal is None:
            raise Unauthenticated
        return self._admit(request, principal)


def _admit_anyone(request: Request, principal: Principal) -> Principal:
    return principal


def _admit_limited(request: Request, principal: Principal) -> Principal:
    if isinstance(principal, Delegate | PersonDelegate):  # made for /internal: must not open what people use
        raise Unauthenticated
    return principal


def _admit_account(request: Request, principal: Principal) -> Principal:
    _admit_limited(request, principal)
    if isinstance(principal, LimitedHolder):
        raise SessionLimited(principal.limited_to)
    return principal


def _admit_business(request: Request, principal: Principal) -> Principal:
    _admit_account(request, principal)
    if isinstance(principal, AccountHolder):
        raise UnitNotChosen if principal.lost_unit is None else MandateEnded
    if isinstance(principal, Clerk):
        _check_unit(request, principal)
    return principal


def _check_unit(request: Request, clerk: Clerk) -> None:
    if clerk.via != "session":
        return
    shown = request.headers.get(UNIT_HEADER)
    if shown is None:
        # Event streams and links to files can't send headers; they change nothing.
        if request.method not in _SAFE_METHODS:
            raise UnitRequired
    elif shown != clerk.employer_no:
        raise UnitMismatch


def _admit_clerk(permission: Permission | None = None) -> Callable[[Request, Principal], Clerk]:
    def admit(request: Request, principal: Principal) -> Clerk:
        clerk = _admit_business(request, principal)
        if not isinstance(clerk, Clerk):
            raise Forbidden
        if permission is not None and not clerk.may(permission):
            raise PermissionMissing(permission)
        return clerk

    return admit


def _admit_representative(request: Request, principal: Principal) -> Clerk:
    clerk = _admit_clerk()(request, principal)
    if clerk.via != "session":
        raise SignInNeeded
    if clerk.kind != "legal_representative":
        raise RepresentativeOnly
    return clerk


def _admit_agent(request: Request, principal: Principal) -> Principal:
    _admit_account(request, principal)
    if principal.via != "session":
        raise SignInNeeded
    if principal.kind != "agent":
        raise AgentsOnly
    return principal


def _admit_only(kind: type[Principal]) -> Callable[[Request, Principal], Principal]:
    def admit(request: Request, principal: Principal) -> Principal:
        _admit_account(request, principal)
        if not isinstance(principal, kind):
            raise Forbidden
        return principal

    return admit


def _admit_reader(request: Request, principal: Principal) -> Delegate:
    if not isinstance(principal, Delegate):
        raise Unauthenticated
    if not (principal.may("print") or principal.may("query")):
        raise PermissionMissing("print")
    return principal


def _admit_insured(request: Request, principal: Principal) -> InsuredPerson:
    _admit_only(PersonPrincipal)(request, principal)
    if not isinstance(principal, InsuredPerson):
        raise PersonNotRecognised
    return principal


def _admit_reader_for_person(request: Request, principal: Principal) -> PersonDelegate:
    if not isinstance(principal, PersonDelegate):
        raise Unauthenticated
    return principal


AnyToken = Annotated[Principal, Depends(Guard(_admit_anyone))]
"""Whoever has a token, made for people or for services. For parts that stand beside another of these."""
LimitedAccount = Annotated[Principal, Depends(Guard(_admit_limited))]
"""Anyone with a session, also one that has to set something first. For identity's own routes by which that is done."""
SignedInAccount = Annotated[Principal, Depends(Guard(_admit_account))]
"""Anyone with a token, with or without a chosen unit, who has nothing to set first."""
AnyPrincipal = Annotated[Principal, Depends(Guard(_admit_business))]
"""Anyone who can do business: clerks with a unit, staff, persons."""
AnyClerk = Annotated[Clerk, Depends(Guard(_admit_clerk()))]
"""A clerk with a unit, whatever the permissions."""
DeclaringClerk = Annotated[Clerk, Depends(Guard(_admit_clerk("declare")))]
"""A clerk who may declare (申报)."""
MaintainingClerk = Annotated[Clerk, Depends(Guard(_admit_clerk("maintain")))]
"""A clerk who may change the unit's data (维护)."""
QueryingClerk = Annotated[Clerk, Depends(Guard(_admit_clerk("query")))]
"""A clerk who may look things up (查询)."""
PrintingClerk = Annotated[Clerk, Depends(Guard(_admit_clerk("print")))]
"""A clerk who may have documents made (打印)."""
RepresentingClerk = Annotated[Clerk, Depends(Guard(_admit_representative))]
"""The unit's legal representative (法人), signed in: who else may act for the unit is theirs to say."""
SignedInAgent = Annotated[Principal, Depends(Guard(_admit_agent))]
"""An agent (经办人), signed in, whether or not a unit is chosen."""
ReviewingStaff = Annotated[Reviewer, Depends(Guard(_admit_only(Reviewer)))]
"""Agency staff who decide applications."""
OperatingStaff = Annotated[Operator, Depends(Guard(_admit_only(Operator)))]
"""Agency staff who run the hall."""
SignedInPerson = Annotated[PersonPrincipal, Depends(Guard(_admit_only(PersonPrincipal)))]
"""An insured person on their own behalf."""
RecognisedPerson = Annotated[InsuredPerson, Depends(Guard(_admit_insured))]
"""An insured person whose account has been recognised: what they ask for is about themselves."""
InternalReader = Annotated[Delegate, Depends(Guard(_admit_reader))]
"""Another service reading under a clerk's authority (print or query)."""
InternalPersonReader = Annotated[PersonDelegate, Depends(Guard(_admit_reader_for_person))]
"""Another service reading for an insured person what is theirs."""


def public(why: str) -> dict[str, Any]:
    """`openapi_extra=public("...")`: the route has no principal, and this is the reason."""
    return {_PUBLIC_KEY: why}


def public_reason(route: APIRoute) -> str | None:
    """Why a route is public, if it says so."""
    reason = (route.openapi_extra or {}).get(_PUBLIC_KEY)
    return reason if isinstance(reason, str) and reason else None


def is_guarded(route: APIRoute) -> bool:
    """Whether a route asks for a principal. For the structure tests."""
    return _has_guard(route.dependant)


def _has_guard(dependant: Dependant) -> bool:
    return any(isinstance(sub.call, Guard) or _has_guard(sub) for sub in dependant.dependencies)
