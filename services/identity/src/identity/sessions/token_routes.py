"""Tokens: for the gateway, for report workers, and the keys to check them with. Not reachable from outside."""

import hmac
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from identity.api_keys import service as api_keys
from identity.api_keys.rules import InvalidKey
from identity.sessions import delegations, rules, service
from identity.sessions.schemas import DelegationForm, DelegationOut, PortionForm, PortionOut, SwapForm, SwapOut
from servicekit.auth import TokenSigner, public
from servicekit.clock import Now
from servicekit.db.tx import PublicTx
from servicekit.refusals import Unauthenticated

internal = APIRouter(tags=["tokens"])
root = APIRouter(tags=["tokens"])


def _check_secret(request: Request, secret: SecretStr) -> None:
    """Raises Unauthenticated unless the caller shows the secret as its bearer token."""
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    expected = secret.get_secret_value()
    if scheme.lower() != "bearer" or not hmac.compare_digest(shown.encode(), expected.encode()):
        raise Unauthenticated


def _signer(request: Request) -> TokenSigner:
    signer: TokenSigner = request.app.state.runtime.resources["signer"]
    return signer


@internal.post("/token-swaps", openapi_extra=public("the gateway shows its own secret"))
async def swap(form: SwapForm, request: Request, tx: PublicTx, now: Now) -> SwapOut:
    """A session's cookie or an API key for a token."""
    _check_secret(request, request.app.state.runtime.settings.gateway_secret)
    if form.api_key is not None:
        return await _swap_key(form.api_key, request, tx, now)
    standing = await service.swap(tx, form.session, now=now) if form.session else None
    if standing is None:
        await tx.commit()  # a session found to be over is noted, and told to the other gateways
        raise rules.SessionExpired
    token, expires_in = service.token_of(standing, _signer(request), now=now)
    return SwapOut(
        token=token,
        expires_in=expires_in,
        session_id=str(standing.session_id),
        account_id=standing.account_id,
        employer_no=standing.employer_no,
    )


async def _swap_key(key: str, request: Request, tx: AsyncSession, now: datetime) -> SwapOut:
    standing = await api_keys.swap(tx, key, now=now)
    if standing is None:
        raise InvalidKey
    token, expires_in = api_keys.token_of(standing, _signer(request), now=now)
    return SwapOut(
        token=token,
        expires_in=expires_in,
        session_id=str(standing.key_id),
        account_id=standing.account_id,
        employer_no=standing.employer_no,
        requests_per_minute=standing.requests_per_minute,
    )


@internal.post("/key-portions", openapi_extra=public("the gateway shows its own secret"))
async def take_portion(form: PortionForm, request: Request, tx: PublicTx, now: Now) -> PortionOut:
    """How many requests of an API key the gateway may let through before it asks again: all gateways together let
    through what the key may."""
    _check_secret(request, request.app.state.runtime.settings.gateway_secret)
    portion = await api_keys.take_portion(tx, form.key_id, now=now)
    return PortionOut(requests=portion.requests, retry_after=portion.wait)


@internal.post("/delegations", openapi_extra=public("reporting shows its own secret"))
async def delegate(form: DelegationForm, request: Request, tx: PublicTx, now: Now) -> DelegationOut:
    """A token for `/internal` under somebody's authority, if they still have it."""
    _check_secret(request, request.app.state.runtime.settings.reporting_secret)
    if form.employer_no is None:
        token = await delegations.delegate_for_person(tx, _signer(request), form.account_id, now=now)
    else:
        token = await delegations.delegate(
            tx, _signer(request), form.account_id, form.employer_no, form.permission, now=now
        )
    return DelegationOut(token=token, expires_in=round(rules.DELEGATION_LIFE.total_seconds()))


@root.get("/.well-known/jwks.json", openapi_extra=public("public keys"))
async def keys(request: Request) -> dict[str, Any]:
    """The keys that tokens are checked against."""
    return _signer(request).jwks()
