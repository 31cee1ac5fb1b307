"""Logs: one JSON object per line on standard output; static messages, ids as fields, nothing personal.

    log = structlog.get_logger()
    log.info("application approved", application_no=application.no)

Everything, the libraries' records too, passes the redaction of `servicekit.redaction`.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson
import structlog

from servicekit import redaction
from servicekit.tracing import current_trace_id

EventDict = MutableMapping[str, Any]
_MAX_EXCEPTIONS = 6
_MAX_FRAMES = 25
# These say at INFO what is no news to us, or print URLs with their queries.
_QUIET = ("httpx", "httpcore", "aiormq", "aio_pika", "asyncio", "alembic", "fontTools", "weasyprint", "opentelemetry")


def configure(service: str, level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Once per process, first of all. Later calls replace the earlier one.

    Raises:
        ValueError: an unknown level.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"no log level {level!r}")
    writer = _LineWriter(stream or sys.stdout)
    shared: list[structlog.typing.Processor] = [
        _Stamp(service),
        _describe_exception,
        _redact,
    ]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, *shared, _render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=writer.named,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, _FromLibraries):
            root.removeHandler(handler)
    root.addHandler(_FromLibraries(writer, shared))
    root.setLevel(number)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    _adopt_uvicorn()


def _adopt_uvicorn() -> None:
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    # Its access log prints paths with their queries: ours (`servicekit.edge`) prints routes.
    logging.getLogger("uvicorn.access").disabled = True


class _LineWriter:
    """What structlog calls a logger: takes the rendered line, whatever the level."""

    def __init__(self, stream: TextIO, name: str | None = None) -> None:
        self._stream = stream
        self.name = name

    def named(self, name: str | None = None, *args: object) -> "_LineWriter":
        """The writer for one logger: `structlog.get_logger(__name__)`."""
        return _LineWriter(self._stream, name)

    def msg(self, line: str) -> None:
        """Writes one line. A closed pipe must not turn into a failed request."""
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            return

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


class _Stamp:
    """Adds when, which service, which trace."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, logger: Any, method: str, event: EventDict) -> EventDict:
        event.setdefault("service", self._service)
        if isinstance(logger, _LineWriter) and logger.name is not None:
            event.setdefault("logger", logger.name)
        event["at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
        trace_id = current_trace_id()
        if trace_id is not None:
            event.setdefault("trace_id", trace_id)
        return event


class _FromLibraries(logging.Handler):
    """Turns the records of the standard logging module into lines of ours."""

    def __init__(self, writer: _LineWriter, processors: list[structlog.typing.Processor]) -> None:
        super().__init__()
        self._writer = writer
        self._processors = processors

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record. Never raises."""
        try:
            event: EventDict = {
                "event": record.getMessage(),
                "level": record.levelname.lower(),
                "logger": record.name,
                "exc_info": record.exc_info,
            }
            event.update(structlog.contextvars.get_contextvars())
            for processor in self._processors:
                event = processor(None, record.levelname.lower(), event)  # type: ignore[assignment]
            self._writer.msg(_render(None, "", event))
        except Exception:
            self.handleError(record)


def _describe_exception(logger: Any, method: str, event: EventDict) -> EventDict:
    """Replaces `exc_info` by types, frames and what the exceptions may say (see `redaction.exception_text`)."""
    info = event.pop("exc_info", None)
    if not info:
        return event
    if isinstance(info, BaseException):
        fault: BaseException | None = info
    elif isinstance(info, tuple):
        fault = info[1]
    else:
        fault = sys.exc_info()[1]
    if fault is not None:
        event["exception"] = [_described(link) for link in _chain(fault)]
    return event


def _chain(fault: BaseException) -> Iterator[BaseException]:
    waiting, seen = [fault], set[int]()
    while waiting and len(seen) < _MAX_EXCEPTIONS:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        if current.__cause__ is not None:
            waiting.append(current.__cause__)
        elif current.__context__ is not None and not current.__suppress_context__:
            waiting.append(current.__context__)


def _described(fault: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(fault.__traceback__)
    return {
        "type": f"{type(fault).__module__}.{type(fault).__qualname__}",
        "text": redaction.exception_text(fault),
        "frames": [f"{_short(f.filename)}:{f.lineno} {f.name}" for f in frames[-_MAX_FRAMES:]],
    }


def _short(filename: str) -> str:
    for marker in ("/site-packages/", "/src/"):
        _, found, rest = filename.rpartition(marker)
        if found:
            return rest
    return filename


def _redact(logger: Any, method: str, event: EventDict) -> EventDict:
    exception = event.pop("exception", None)
    clean: EventDict = {key: redaction.field(key, value) for key, value in event.items()}
    if exception is not None:
        clean["exception"] = exception  # its texts are clean already, its file names are no data
    return clean


def _render(logger: Any, method: str, event: EventDict) -> str:
    try:
        return orjson.dumps(event, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        # Half a surrogate pair, a number beyond 64 bits: a log line must never be what fails.
        return json.dumps(event, default=repr)
