"""The employer service at a glance: units and their data, banks, rates, the billing roster, assessments, the ledger."""

from employer.assessments.jobs import ASSESSMENT, ASSESSMENT_PART
from employer.assessments.routes import router as assessments
from employer.bank_accounts.routes import router as bank_accounts
from employer.bank_directory.duties import DUTIES as BANK_DUTIES
from employer.bank_directory.routes import router as bank_directory
from employer.closures.routes import router as closures
from employer.consumers import consumers
from employer.contacts.routes import router as contacts
from employer.contributions.routes import internal_router as internal_contributions
from employer.contributions.routes import router as contributions
from employer.kinds.routes import router as kinds
from employer.kinds.work import ANNOUNCING
from employer.own.routes import internal_router as own_internal
from employer.own.routes import router as own
from employer.previews.routes import router as previews
from employer.rate_changes.routes import router as rate_changes
from employer.receipts.routes import router as receipts
from employer.receipts.work import JOBS as RECEIPT_JOBS
from employer.registration_changes.duties import DUTIES as CHANGE_DUTIES
from employer.registration_changes.routes import review_router as change_reviews
from employer.registration_changes.routes import router as registration_changes
from employer.report_facts.routes import router as report_facts
from employer.resources import open_resources
from employer.settings import EmployerSettings
from employer.tables import Base
from employer.units.routes import router as units
from servicekit.audit_desk import router as audit_desk
from servicekit.service import Service
from servicekit.sheets.readers import keep_spare_reader

SERVICE = Service(
    name="employer",
    title="单位服务",
    metadata=Base.metadata,
    routers=(
        units,
        contacts,
        bank_accounts,
        bank_directory,
        registration_changes,
        change_reviews,
        contributions,
        assessments,
        receipts,
        rate_changes,
        closures,
        kinds,
        audit_desk,
        previews,
        own,
    ),
    internal_routers=(internal_contributions, own_internal, report_facts),
    consumers=consumers,
    jobs=(ASSESSMENT, ASSESSMENT_PART, *BANK_DUTIES, *CHANGE_DUTIES, *RECEIPT_JOBS, ANNOUNCING),
    settings=EmployerSettings,
    companions=(keep_spare_reader,),
    resources=open_resources,
)
