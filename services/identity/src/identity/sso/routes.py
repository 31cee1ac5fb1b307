"""Single sign-on over HTTP: the ways out and back, which browsers walk by themselves, and what the pages ask.

`start`, `callback` and `logout` always answer with a redirect: to the provider, or to a page of ours that says what
became of it. No address that a browser ends at carries a ticket or anything of a person.
"""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from identity.clients import address_of, client_of
from identity.directory import service as directory
from identity.sessions.routes import session_out, set_session_cookie
from identity.sso import rules, service
from identity.sso.config import SsoMode
from identity.sso.linking import names_somebody
from identity.sso.port import IdentityProvider, Returned
from identity.sso.schemas import (
    ArrivalOut,
    CameFrom,
    CodeForm,
    ConfirmationForm,
    DepartureOut,
    EnteredOut,
    LinkOut,
    LinksOut,
    ProviderOut,
    ProvidersOut,
    RefusalOut,
)
from servicekit.auth import Principal, SignedInAccount, optional_principal, public
from servicekit.clock import Now, Today
from servicekit.db.tx import PublicTx, Tx
from servicekit.personal import mask_name
from servicekit.refusals import NotFound, Refusal

router = APIRouter(tags=["sso"])
_ATTEMPT_COOKIE = "__Host-hall_sso"
_FROM_COOKIE = "__Host-hall_sso_from"
_FROM_SECONDS = 8 * 3600
_BROWSER = public("the browser's way to a provider and back")
_PAGE = public("the cookie of the attempt says whose it is")
_REDIRECT: dict[int | str, dict[str, Any]] = {303: {"description": "到对方平台，或到本网厅的页面"}}

log = structlog.get_logger(__name__)
Before = Annotated[Principal | None, Depends(optional_principal)]
ProviderKey = Annotated[str, Path(max_length=32, pattern="^[a-z][a-z0-9-]*$", title="登录方式标识")]
RefusalCode = Annotated[str, Path(max_length=60, pattern="^[a-z_]+$", title="提示代码")]


def _providers(request: Request) -> Mapping[str, IdentityProvider]:
    providers: Mapping[str, IdentityProvider] = request.app.state.runtime.resources["sso"]
    return providers


def _provider(request: Request, key: str) -> IdentityProvider:
    provider = _providers(request).get(key)
    if provider is None:
        raise rules.NoSuchProvider
    return provider


def _handle(request: Request) -> str | None:
    return request.cookies.get(_ATTEMPT_COOKIE)


def _set_cookie(response: Response, name: str, value: str | None, seconds: int) -> None:
    # Lax: the provider's redirect back is another site's, and has to bring it.
    response.set_cookie(
        name, value or "", max_age=seconds if value else 0, path="/", secure=True, httponly=True, samesite="lax"
    )


def _remember(response: Response, handle: str | None) -> None:
    # Twice the life of an attempt: a page may ask something after the return.
    _set_cookie(response, _ATTEMPT_COOKIE, handle, round(2 * rules.ATTEMPT_LIFE.total_seconds()))


def _to(location: str) -> RedirectResponse:
    # no-referrer: the address that leads here may carry a ticket or a code.
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(location, status_code=303, headers=headers)


def _refused(refusal: rules.SsoRefusal, key: str) -> RedirectResponse:
    log.info("single sign-on refused", provider=key[:31], code=refusal.code)
    query = {"code": refusal.code} | ({"provider": key} if not isinstance(refusal, rules.NoSuchProvider) else {})
    return _to(f"/sso/refused?{urlencode(query)}")


def _out(provider: IdentityProvider) -> ProviderOut:
    settings = provider.settings
    return ProviderOut(key=settings.key, title=settings.title, kind=settings.kind, modes=list(settings.modes))


@router.get("/sso/providers", openapi_extra=public("the buttons of the login page"))
async def providers(request: Request, response: Response) -> ProvidersOut:
    """The identity providers there are, in the order of the settings."""
    known = _providers(request)
    response.headers["Cache-Control"] = "no-store"
    came_from = known.get(request.cookies.get(_FROM_COOKIE, ""))
    return ProvidersOut(
        items=[_out(provider) for provider in known.values()],
        came_from=CameFrom(key=came_from.settings.key, title=came_from.settings.title) if came_from else None,
    )


@router.get("/sso/refusals/{code}", openapi_extra=public("what a page of refusal says"))
async def refusal(code: RefusalCode) -> RefusalOut:
    """A refusal in words, by the code in the page's address."""
    known = rules.REFUSALS.get(code)
    if known is None:
        raise NotFound
    return RefusalOut(code=known.code, title=known.title, detail=known.detail, ways=list(known.ways))


@router.get("/sso/arrival", openapi_extra=_PAGE)
async def arrival(request: Request, response: Response, tx: PublicTx, now: Now) -> ArrivalOut:
    """Where this browser's login stands after it came back from a provider."""
    response.headers["Cache-Control"] = "no-store"
    found = await service.arrival(tx, _handle(request), now=now)
    provider = _provider(request, found.attempt.provider)
    attempt, vouched = found.attempt, found.vouched
    step = attempt.step
    assert step != "started"  # noqa: S101 - `service.arrival` refuses those
    shown = ArrivalOut(step=step, provider=_out(provider), mode=attempt.mode, return_to=attempt.return_to)
    if vouched is None:
        return shown
    if step == "confirm":
        operator = attempt.mode == "legal_representative" and vouched.by_operator
        shown.reason = "operator" if operator else "portal_entry"
    elif step == "link" and names_somebody(vouched, attempt.mode):
        shown.reason = "account_exists"
    shown.name_masked = mask_name(vouched.name) if vouched.name else None
    shown.id_number_masked = vouched.id_number.masked() if vouched.id_number else None
    if vouched.uscc is not None:
        units = await directory.open_units(tx, vouched.uscc)
        shown.unit_name = units[0].name if units else None
    return shown


@router.post("/sso/arrival/confirmation", openapi_extra=_PAGE)
async def confirm(
    form: ConfirmationForm, before: Before, request: Request, response: Response, tx: PublicTx, now: Now
) -> EnteredOut:
    """The user says that it is they; the session is opened, unless they have to show an account of theirs first."""
    handle = _handle(request)
    waiting = await service.arrival(tx, handle, now=now)
    provider = _provider(request, waiting.attempt.provider)
    try:
        entered = await service.confirm(tx, provider, before, handle, form.mode, client_of(request), now=now)
    except rules.SsoRefusal as refusal:
        await _note(tx, provider, refusal)
        raise
    return await _entered(tx, provider, entered, request, response)


@router.post("/sso/arrival/second-factor", openapi_extra=_PAGE)
async def show_code(
    form: CodeForm, before: Before, request: Request, response: Response, tx: PublicTx, now: Now
) -> EnteredOut:
    """The dynamic code of an account that has a second factor; then the session is opened."""
    handle = _handle(request)
    waiting = await service.arrival(tx, handle, now=now)
    provider = _provider(request, waiting.attempt.provider)
    try:
        entered = await service.show_code(tx, provider, before, handle, form.totp_code, client_of(request), now=now)
    except rules.SsoRefusal as refusal:
        await _note(tx, provider, refusal)
        raise
    if isinstance(entered, Refusal):
        await tx.commit()  # the wrong answer counts, before the next one is looked at
        raise entered
    return await _entered(tx, provider, entered, request, response)


async def _note(tx: AsyncSession, provider: IdentityProvider, refusal: rules.SsoRefusal) -> None:
    await tx.rollback()
    await service.note_refusal(tx, provider, refusal)
    await tx.commit()


async def _entered(
    tx: AsyncSession, provider: IdentityProvider, entered: service.Arrival, request: Request, response: Response
) -> EnteredOut:
    session = None
    if entered.opened is not None:
        session = await session_out(tx, entered.opened)
        set_session_cookie(request, response, entered.opened.cookie)
        _set_cookie(response, _FROM_COOKIE, provider.settings.key, _FROM_SECONDS)
    return EnteredOut(session=session, return_to=entered.attempt.return_to)


@router.delete("/sso/arrival", status_code=204, openapi_extra=_PAGE)
async def decline(request: Request, response: Response, tx: PublicTx, now: Now) -> None:
    """It is not me, or I would rather not: what the provider said is forgotten."""
    await service.decline(tx, _handle(request), now=now)
    _remember(response, None)


@router.get("/sso/links")
async def links(who: SignedInAccount, request: Request, tx: Tx) -> LinksOut:
    """The identities linked to the signed-in account, and the providers that could be linked."""
    known = _providers(request)
    linked = await service.links(tx, who)
    taken = {link.provider for link in linked}
    return LinksOut(
        items=[
            LinkOut(
                id=link.id,
                provider=link.provider,
                title=known[link.provider].settings.title if link.provider in known else link.provider,
                linked_at=link.linked_at,
                last_used_at=link.last_used_at,
            )
            for link in linked
        ],
        linkable=[
            _out(provider)
            for key, provider in known.items()
            if key not in taken and who.kind in provider.settings.modes
        ],
    )


@router.post("/sso/links")
async def adopt(who: SignedInAccount, request: Request, tx: PublicTx, now: Now) -> LinkOut:
    """Links the identity that waits in this browser to the account that has just signed in.

    In the system's scope: the attempt was nobody's until now.
    """
    handle = _handle(request)
    waiting = await service.arrival(tx, handle, now=now)
    provider = _provider(request, waiting.attempt.provider)
    made = await service.adopt(tx, provider, who, handle, now=now)
    return LinkOut(
        id=made.id,
        provider=made.provider,
        title=provider.settings.title,
        linked_at=made.linked_at,
        last_used_at=made.last_used_at,
    )


@router.delete("/sso/links/{link_id}", status_code=204)
async def unlink(link_id: UUID, who: SignedInAccount, tx: Tx) -> None:
    """Takes a link away."""
    await service.unlink(tx, who, link_id)


@router.post("/sso/{provider}/departures")
async def depart_to_link(
    provider: ProviderKey, who: SignedInAccount, request: Request, response: Response, tx: Tx, now: Now
) -> DepartureOut:
    """Begins a login elsewhere whose end is a link to the signed-in account; the page goes where it is told."""
    adapter = _provider(request, provider)
    begun = await service.start_link(tx, adapter, who, client=address_of(request), now=now)
    await tx.commit()
    location = await adapter.login_url(rules.secrets_of(begun.handle))
    _remember(response, begun.handle)
    return DepartureOut(location=location)


@router.get(
    "/sso/{provider}/start", status_code=303, response_class=RedirectResponse, responses=_REDIRECT,
    openapi_extra=_BROWSER,
)  # fmt: skip
async def start(
    provider: ProviderKey,
    request: Request,
    tx: PublicTx,
    now: Now,
    mode: SsoMode | None = None,
    return_to: Annotated[str | None, Query(max_length=500, description="登录后回到的页面")] = None,
) -> RedirectResponse:
    """Sends the browser to a provider."""
    try:
        adapter = _provider(request, provider)
        wanted = mode or adapter.settings.modes[0]
        begun = await service.start(tx, adapter, wanted, return_to=return_to, client=address_of(request), now=now)
        await tx.commit()  # no connection is held while the provider is asked for its addresses
        answer = _to(await adapter.login_url(rules.secrets_of(begun.handle)))
    except rules.SsoRefusal as refusal:
        return _refused(refusal, provider)
    except SQLAlchemyError:
        log.exception("single sign-on failed", provider=provider[:31])
        await tx.rollback()
        return _refused(rules.HallBusy(), provider)
    _remember(answer, begun.handle)
    return answer


@router.get(
    "/sso/{provider}/callback", status_code=303, response_class=RedirectResponse, responses=_REDIRECT,
    openapi_extra=_BROWSER,
)  # fmt: skip
async def come_back(
    provider: ProviderKey, before: Before, request: Request, tx: PublicTx, now: Now, today: Today
) -> RedirectResponse:
    """The address that is registered at the provider; takes `ticket` and `sp`, `ssotoken` and `goto`, or `code` and
    `state`."""
    try:
        adapter = _provider(request, provider)
    except rules.NoSuchProvider as refusal:
        return _refused(refusal, provider)
    returned = Returned(dict(request.query_params))
    try:
        claimed = await service.claim(tx, adapter, returned, _handle(request), client=address_of(request), now=now)
        await tx.commit()  # used up for good, whatever follows
        secrets = rules.secrets_of(claimed.handle) if claimed.bound else None
        vouched = await adapter.vouch(returned, secrets, now=now, today=today)
        arrived = await service.arrive(tx, claimed, vouched, adapter, before, client_of(request), now=now)
        await tx.commit()
    except rules.SsoRefusal as refusal:
        await tx.rollback()
        await service.note_refusal(tx, adapter, refusal)
        return _refused(refusal, provider)
    except SQLAlchemyError:
        log.exception("single sign-on failed", provider=provider[:31])
        await tx.rollback()
        return _refused(rules.HallBusy(), provider)
    answer = _to("/sso")
    _remember(answer, claimed.handle)
    if arrived.opened is not None:
        set_session_cookie(request, answer, arrived.opened.cookie)
        _set_cookie(answer, _FROM_COOKIE, adapter.settings.key, _FROM_SECONDS)
    return answer


@router.get(
    "/sso/{provider}/logout", status_code=303, response_class=RedirectResponse, responses=_REDIRECT,
    openapi_extra=_BROWSER,
)  # fmt: skip
async def log_out(provider: ProviderKey, request: Request) -> RedirectResponse:
    """Sends the browser to where the provider's own session ends; back to the login page where there is no such place.

    The hall's session is ended by `DELETE /sessions/current`: a mere link must not do it.
    """
    try:
        location = await _provider(request, provider).logout_url()
    except rules.SsoRefusal as refusal:
        return _refused(refusal, provider)
    answer = _to(location or "/login")
    _set_cookie(answer, _FROM_COOKIE, None, 0)
    return answer
