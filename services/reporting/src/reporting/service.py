"""The reporting service at a glance."""

from collections.abc import Mapping

import httpx

from reporting.consumers import consumers
from reporting.documents.routes import router as issued_documents
from reporting.own_reports.routes import router as own_reports
from reporting.reports import expiry, making
from reporting.reports.routes import exports
from reporting.reports.routes import router as reports
from reporting.resources import opener
from reporting.settings import ReportingSettings
from reporting.tables import Base
from reporting.verification.routes import router as verifications
from servicekit.audit_desk import router as audit_desk
from servicekit.service import Service


def make_service(transports: Mapping[str, httpx.AsyncBaseTransport] | None = None) -> Service:
    """The service; `transports` by service name replace the network to identity, enrollment and employer."""
    return Service(
        name="reporting",
        title="报表服务",
        metadata=Base.metadata,
        routers=(reports, exports, own_reports, verifications, issued_documents, audit_desk),
        consumers=consumers,
        jobs=(*making.HANDLERS, *expiry.DUTIES),
        companions=(making.keep_warm,),
        settings=ReportingSettings,
        resources=opener(transports),
    )


SERVICE = make_service()
