"""The private RabbitMQ of `hall cluster`: what lies in its queues is there again at the next start."""

import asyncio
from pathlib import Path
from typing import Any

import aio_pika
import pytest

from standalone.broker import PrivateBroker, end_orphan, private_broker

pytestmark = pytest.mark.broker
QUEUE: dict[str, Any] = {"durable": True, "arguments": {"x-queue-type": "quorum"}}


async def _put(url: str, body: bytes) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        queue = await channel.declare_queue("kept", **QUEUE)
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, queue.name)


async def _take(url: str) -> bytes:
    async with await aio_pika.connect(url) as connection:
        queue = await (await connection.channel()).declare_queue("kept", **QUEUE)
        message = await queue.get(timeout=20)
        await message.ack()
        return message.body


async def test_messages_are_kept_between_starts_however_they_end(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    first = await asyncio.to_thread(PrivateBroker(folder).start)
    await _put(first.url, b"stopped")
    await asyncio.to_thread(first.stop)  # as `hall cluster` ends it
    first.close()

    second = PrivateBroker(folder)
    assert second.port != first.port
    await asyncio.to_thread(second.start)
    assert await _take(second.url) == b"stopped"
    await _put(second.url, b"left behind")

    # The process that started it was killed: nobody stopped the node, and its successor needs the same data.
    with private_broker(folder) as third:
        assert second.pid is None
        assert await _take(third.url) == b"left behind"


async def test_a_process_that_only_has_the_number_of_an_old_node_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path
    bystander = await asyncio.create_subprocess_exec("sleep", "600", start_new_session=True)
    (folder / "node.json").write_text(f'{{"pid": {bystander.pid}, "epmd_port": 1, "url": ""}}')
    try:
        end_orphan(folder)
        assert bystander.returncode is None
        assert Path(f"/proc/{bystander.pid}").exists()
    finally:
        bystander.kill()
        await bystander.wait()
