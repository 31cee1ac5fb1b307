"""Event streams under way: the one kind of answer that outlives the question who is asking.

Whoever opened a stream was asked then. When news says that the session has ended or that the mandate is another one,
the stream is ended: the page connects again, and that request is answered as the account now stands.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol


class Concerned(Protocol):
    """Who opened a stream, as the news see it: `gateway.sessions.Swap`."""

    @property
    def session_id(self) -> str: ...
    @property
    def account_id(self) -> str: ...
    @property
    def employer_no(self) -> str | None: ...


@dataclass(eq=False, slots=True)
class OpenStream:
    """One stream. `ended`: by us, so that its end is no fault of the service."""

    opened_by: Concerned
    close: Callable[[], None]
    ended: bool = False


class OpenStreams:
    """Every stream of this process that somebody opened with a credential."""

    def __init__(self) -> None:
        self._open: set[OpenStream] = set()

    @contextmanager
    def open(self, opened_by: Concerned, close: Callable[[], None]) -> Iterator[OpenStream]:
        """Counts a stream as open as long as the context lasts. `close` wakes whoever reads it."""
        stream = OpenStream(opened_by, close)
        self._open.add(stream)
        try:
            yield stream
        finally:
            self._open.discard(stream)

    def end(self, concerns: Callable[[Concerned], bool] = lambda _: True) -> int:
        """Ends the streams of those whom it concerns; how many."""
        concerned = [stream for stream in self._open if concerns(stream.opened_by)]
        for stream in concerned:
            stream.ended = True
            stream.close()
        return len(concerned)

    def __len__(self) -> int:
        return len(self._open)
