"""The enrollment service at a glance: its routers, what it listens to, its jobs, its tables."""

from datetime import timedelta

from enrollment.additions.routes import router as additions
from enrollment.applications.routes import router as applications
from enrollment.applications.service import DECIDE_AUTOMATICALLY
from enrollment.batches import work as batch_work
from enrollment.batches.reader import batch_resources
from enrollment.batches.routes import router as batches
from enrollment.certificates.routes import router as certificates
from enrollment.consumers import consumers
from enrollment.dictionaries.routes import router as dictionaries
from enrollment.employers.routes import router as employers
from enrollment.maintenance.routes import router as maintenance
from enrollment.models import Base
from enrollment.removals.routes import router as removals
from enrollment.reviews.routes import router as reviews
from enrollment.reviews.service import decide_automatically
from enrollment.roster.routes import router as roster
from servicekit.jobs import JobHandler
from servicekit.service import Service

SERVICE = Service(
    name="enrollment",
    title="参保登记服务",
    metadata=Base.metadata,
    routers=[dictionaries, employers, additions, removals, maintenance, batches, applications, reviews, roster],
    internal_routers=[certificates],
    consumers=consumers,
    jobs=[
        # What was decided is in the application; the job is only of use while somebody may ask why it hangs.
        JobHandler(kind=DECIDE_AUTOMATICALLY, run=decide_automatically, concurrency=2, keep=timedelta(days=7)),
        *batch_work.JOBS,
    ],
    companions=[batch_work.keep_spare_reader],
    resources=batch_resources,
)
