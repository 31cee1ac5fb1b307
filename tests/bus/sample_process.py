"""The sample's worker as a process of its own that can be told where to die. Started by `test_kills.py`.

    python -m tests.bus.sample_process <settings.json> <namespace> <where to die>

Dying is SIGKILL, once, right at the named point: nothing is flushed, closed or handed back.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from aio_pika.message import IncomingMessage

from contracts.identity import MandateGranted
from servicekit.bus.amqp import AmqpTransport
from servicekit.bus.protocol import Message
from servicekit.jobs import JobRun
from servicekit.worker import Worker
from tests.bus.opening import FAST_RETRIES, open_sample
from tests.bus.sample import Behaviour, behaviour_of

POINTS = ("nowhere", "before_commit", "after_commit", "after_publish", "in_job")


def die() -> NoReturn:
    """As `kill -9` would have it."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _die_in_handler(behaviour: Behaviour) -> None:
    async def handle(event: MandateGranted) -> None:
        die()

    behaviour.on_grant = handle


def _die_in_job(behaviour: Behaviour) -> None:
    async def work(run: JobRun) -> dict[str, Any]:
        await run.progress(1, 2)
        die()

    behaviour.on_job = work


def _die_before_acknowledging() -> None:
    async def ack(self: IncomingMessage, multiple: bool = False) -> None:
        die()

    IncomingMessage.ack = ack  # type: ignore[method-assign]


class _DiesAfterPublishing(AmqpTransport):
    async def publish(self, message: Message, **options: Any) -> None:
        await super().publish(message, **options)
        die()


async def main(settings_file: str, namespace: str, where: str) -> None:
    """Works until killed."""
    settings = json.loads(await asyncio.to_thread(Path(settings_file).read_text))
    kind = _DiesAfterPublishing if where == "after_publish" else AmqpTransport
    transport = kind(settings["broker_url"], name="sample", namespace=namespace, retry_delays=FAST_RETRIES)
    async with transport, open_sample(settings, transport) as runtime:
        if where == "before_commit":
            _die_in_handler(behaviour_of(runtime))
        elif where == "in_job":
            _die_in_job(behaviour_of(runtime))
        elif where == "after_commit":
            _die_before_acknowledging()
        stopping = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
        await Worker(runtime).run(stopping)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
