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
from enrollment.removals.routes import router as removals
from enrollment.reviews.routes import router as reviews
from enrollment.roster.routes import router as roster
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
    ],
    internal_routers=[certificates],
    consumers=consumers,
    jobs=batch_work.JOBS,
    companions=[keep_spare_reader],
    resources=reading_with("enrollment.batches.child"),
)
