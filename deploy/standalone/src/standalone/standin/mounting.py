"""The stand-in beside the gateway: the same port, an address of its own."""

from collections.abc import Awaitable, Callable
from typing import Any

PREFIX = "/standin"

Application = Callable[[Any, Any, Any], Awaitable[None]]


class UnderPrefix:
    """An application whose addresses begin with `PREFIX`; everything else is for `otherwise`."""

    def __init__(self, app: Application, otherwise: Application) -> None:
        self._app = app
        self._otherwise = otherwise

    def __call__(self, scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        """ASGI."""
        if scope["type"] == "http" and f"{scope['path']}/".startswith(f"{PREFIX}/"):
            return self._app({**scope, "root_path": PREFIX}, receive, send)
        return self._otherwise(scope, receive, send)
