"""Traces from click to PDF: W3C traceparent in and out of HTTP and the bus, spans to a collector if there is one.

Works without one: ids are made and passed on, nothing is recorded. Spans never carry queries, bodies, exception texts
or anything else that could be personal. The provider is ours alone, not OpenTelemetry's global one: FastAPI switches
its own telemetry on as soon as that is set, and it records exception texts.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

AttributeValue = str | int | float | bool
_TRACEPARENT = "traceparent"
_PROPAGATOR = TraceContextTextMapPropagator()


@dataclass
class _Tracing:
    """The process's tracer. Standalone is one process for all services, so the first setup decides."""

    provider: TracerProvider
    recording: bool

    def __post_init__(self) -> None:
        self.tracer = self.provider.get_tracer("hall")


def _not_recording() -> _Tracing:
    return _Tracing(TracerProvider(sampler=ParentBased(ALWAYS_OFF), shutdown_on_exit=False), recording=False)


_tracing = _not_recording()


def setup(service: str, endpoint: str | None, *, processor: SpanProcessor | None = None) -> None:
    """Once per process, before the first request. `endpoint` is the collector's OTLP/HTTP base, e.g. `http://otel:4318`.

    `processor` takes the place of the exporter, e.g. in tests. Without either nothing is recorded.
    """
    global _tracing
    if _tracing.recording or (endpoint is None and processor is None):
        return
    provider = TracerProvider(
        sampler=ParentBased(ALWAYS_ON), resource=Resource.create({"service.name": service}), shutdown_on_exit=False
    )
    provider.add_span_processor(processor or _exporting_to(endpoint or ""))
    _tracing = _Tracing(provider, recording=True)


def shutdown() -> None:
    """Sends what is left and stops sending. At the end of the process."""
    global _tracing
    _tracing.provider.shutdown()
    _tracing = _not_recording()


def _exporting_to(endpoint: str) -> SpanProcessor:
    # Imported here: it takes 0.1 s that a start without a collector needn't spend.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))


def current_traceparent() -> str | None:
    """The `traceparent` to hand on from here, or None outside every span."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get(_TRACEPARENT)


def current_trace_id() -> str | None:
    """The 32 hex digits of the trace we are in, or None."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else None


def outgoing_headers() -> dict[str, str]:
    """The headers that let the called service continue this trace."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier


@contextmanager
def continue_trace(traceparent: str | None, name: str, **attributes: AttributeValue) -> Iterator[Span]:
    """A span for the handling of a message, in the trace that its sender was in; in a new one if it names none."""
    with _span(name, SpanKind.CONSUMER, traceparent, attributes) as span:
        yield span


@contextmanager
def server_span(traceparent: str | None, name: str) -> Iterator[Span]:
    """A span for an incoming HTTP request. `servicekit.edge` opens it."""
    with _span(name, SpanKind.SERVER, traceparent, {}) as span:
        yield span


@contextmanager
def span(name: str, **attributes: AttributeValue) -> Iterator[Span]:
    """A span for a step worth seeing, e.g. rendering. Static name, ids in the attributes."""
    with (
        _tracing.tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as current,
        _failure_marked(current),
    ):
        yield current


@contextmanager
def _span(
    name: str, kind: SpanKind, traceparent: str | None, attributes: Mapping[str, AttributeValue]
) -> Iterator[Span]:
    parent = otel_context.Context()  # empty on purpose: what comes from outside has no local parent
    if traceparent is not None:
        parent = _PROPAGATOR.extract({_TRACEPARENT: traceparent}, parent)
    with (
        _tracing.tracer.start_as_current_span(
            name, parent, kind, attributes, record_exception=False, set_status_on_exception=False
        ) as current,
        _failure_marked(current),
    ):
        yield current


@contextmanager
def _failure_marked(current: Span) -> Iterator[None]:
    try:
        yield
    except Exception as fault:
        current.set_attribute("error.type", type(fault).__qualname__)  # the type only: texts may quote people
        current.set_status(Status(StatusCode.ERROR))
        raise
