"""Running uvicorn inside our own process: stopped by signals in our order, on an address that processes may share."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn


class Server(uvicorn.Server):
    """uvicorn without its signal handling, which ends the process by the signal before everything is closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to `stop_on_signals`."""
        yield


def spare_the_collector() -> None:
    """Once, when a process has started: what lives as long as the process isn't looked at by each garbage collection.

    Work on thousands of rows sets off many of them, and they took a third of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Calls `stop` when the process is asked to end, in the running event loop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


def shared_socket(host: str, port: int) -> socket.socket:
    """A listening address that several processes may hold; the kernel spreads the connections."""
    shared = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    shared.bind((host, port))
    return shared


async def serve(config: uvicorn.Config, *, reuse_port: bool = False) -> None:
    """Serves until a signal; returns once everything under way has ended."""
    server = Server(config)
    stop_on_signals(lambda: setattr(server, "should_exit", True))
    await server.serve(sockets=[shared_socket(config.host, config.port)] if reuse_port else None)
