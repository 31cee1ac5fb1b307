"""The port through which text messages leave, and its two sides: the provider's HTTP API, and the demo's inbox.

A message is a row of the transaction that made the code; a duty of the worker hands it to the sender. So a message is
never sent for a code that was not kept, and a provider that is away delays messages instead of failing requests.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import httpx
import structlog

from identity.settings import IdentitySettings
from identity.sms import repository
from servicekit.db.tx import Scope, begin
from servicekit.personal import Personal
from servicekit.runtime import Runtime

_BATCH = 20
_TIMEOUT = 5.0

# The provider's verdict on this one message. Anything else, a refused token too, concerns all messages alike.
_REFUSALS = frozenset({400, 404, 409, 410, 413, 415, 422})

log = structlog.get_logger(__name__)


class MessageRefused(Exception):
    """The provider will not take this message, now or later: a number that is none, or one that is barred."""


class SmsSender(Protocol):
    """Sends a text message."""

    keeps_messages: bool
    """Whether sent messages stay readable here for a day: in the demo only."""

    async def send(self, mobile: Personal, text: Personal, *, message_id: str) -> None:
        """Returns when the provider has taken it. Raises MessageRefused, or httpx.HTTPError to be tried again."""
        ...


class InboxSender:
    """Sends nothing: the demo shows the rows themselves."""

    keeps_messages = True

    async def send(self, mobile: Personal, text: Personal, *, message_id: str) -> None:
        """Nothing to do."""


class HttpSender:
    """A provider with a JSON API: `POST url {"id", "mobile", "text"}` with a bearer token; repeating an id is safe."""

    keeps_messages = False

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def send(self, mobile: Personal, text: Personal, *, message_id: str) -> None:
        """Hands the message over.

        Raises:
            MessageRefused: the provider refused this message.
            httpx.HTTPError: the provider is away, or takes nothing at present.
        """
        body = {"id": message_id, "mobile": mobile.reveal(), "text": text.reveal()}
        answer = await self._client.post(self._url, json=body)
        if answer.status_code in _REFUSALS:
            raise MessageRefused
        answer.raise_for_status()


@asynccontextmanager
async def open_sender(settings: IdentitySettings) -> AsyncIterator[SmsSender]:
    """The sender of this profile."""
    if settings.sms_url is None or settings.sms_token is None:
        yield InboxSender()
        return
    headers = {"Authorization": f"Bearer {settings.sms_token.get_secret_value()}"}
    async with httpx.AsyncClient(headers=headers, timeout=_TIMEOUT) as client:
        yield HttpSender(client, settings.sms_url)


async def send_waiting(runtime: Runtime) -> None:
    """The worker's duty: hands waiting messages to the sender. What is of no use any more is not sent."""
    sender: SmsSender = runtime.resources["sms"]
    now = runtime.clock.now()
    async with begin(runtime, scope=Scope.system()) as tx:
        for message in await repository.waiting_messages(tx, now=now, limit=_BATCH):
            message.attempts += 1
            mobile, text = (runtime.vault.open("mobile", sealed) for sealed in (message.mobile, message.text))
            try:
                await sender.send(mobile, text, message_id=str(message.id))
            except httpx.HTTPError as fault:
                log.warning("sms_not_sent", message_id=str(message.id), error=type(fault).__name__)
                break  # the provider is away: the others would wait as long; all are tried again
            except MessageRefused:
                log.warning("sms_refused", message_id=str(message.id))
                await tx.delete(message)  # the others must not wait for it
                continue
            if sender.keeps_messages:
                message.sent_at = now
            else:
                await tx.delete(message)


async def forget_old(runtime: Runtime) -> None:
    """The worker's duty: nothing of a text message stays longer than it is of use."""
    async with begin(runtime, scope=Scope.system()) as tx:
        await repository.purge(tx, runtime.clock.now())
