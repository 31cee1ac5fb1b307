"""The enrollment service at a glance: its routers, what it listens to, its tables."""

from enrollment.additions.routes import router as additions
from enrollment.applications.routes import router as applications
from enrollment.batches import work as batch_work
from enrollment.batches.routes import router as batches
from enrollment.certificates.routes import router as certificates
from enrollment.consumers import consumers
from enrollment.decision_settings.routes import router as decision_settings
from enrollment.dictionaries.routes import router as dictionaries
from enrollment.employers.routes import router as employers
from enrollment.maintenance.routes import router as maintenance
from enrollment.models import Base
from enrollment.notices.routes import router as notices
from enrollment.notices.service import forget_old_reports
from enrollment.own.routes import internal_router as own_internal
from enrollment.own.routes import router as own
from enrollment.recognition.service import try_again
from enrollment.removals.routes import router as removals
from enrollment.report_facts.routes import router as report_facts
from enrollment.reviews.routes import router as reviews
from enrollment.roster.routes import router as roster
from enrollment.settings import EnrollmentSettings
from servicekit.audit_desk import router as audit_desk
from servicekit.jobs import Periodic
from servicekit.service import Service
from servicekit.sheets.readers import keep_spare_reader, reading_with

SERVICE = Service(
    name="enrollment",
    title="参保登记服务",
    metadata=Base.metadata,
    routers=[
        dictionaries,
        employers,
        additions,
        removals,
        maintenance,
        batches,
        notices,
        applications,
        reviews,
        decision_settings,
        roster,
        own,
        audit_desk,
    ],
    internal_routers=[certificates, own_internal, report_facts],
    consumers=consumers,
    jobs=[
        *batch_work.JOBS,
        Periodic("recognise insured persons' accounts", 15.0, try_again),
        Periodic("forget old report notices", 3600.0, forget_old_reports),
    ],
    companions=[keep_spare_reader],
    settings=EnrollmentSettings,
    resources=reading_with("enrollment.batches.child"),
)
