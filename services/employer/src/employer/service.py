"""The employer service at a glance: insured units, rates, the billing roster, assessments, the contribution ledger."""

from employer.assessments.jobs import ASSESSMENT, ASSESSMENT_PART
from employer.assessments.routes import router as assessments
from employer.consumers import consumers
from employer.contributions.routes import internal_router as internal_contributions
from employer.contributions.routes import router as contributions
from employer.previews.routes import router as previews
from employer.rates import models as _rates  # noqa: F401  registers its tables
from employer.tables import Base
from employer.units.routes import router as units
from servicekit.service import Service

SERVICE = Service(
    name="employer",
    title="单位服务",
    metadata=Base.metadata,
    routers=(units, contributions, assessments, previews),
    internal_routers=(internal_contributions,),
    consumers=consumers,
    jobs=(ASSESSMENT, ASSESSMENT_PART),
)
