"""What the enrollment service does when other services say something happened."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import ChangeRequested, EmployerChanged, EmployerOpened
from contracts.enrollment import ApplicationSubmitted
from contracts.identity import PersonAccountChanged, PersonAccountOpened
from contracts.reporting import ReportFailed, ReportFinished
from enrollment.employer_changes import service as employer_changes
from enrollment.employers import service as employers
from enrollment.notices import service as notices
from enrollment.recognition import service as recognition
from enrollment.reviews import service as reviews
from servicekit.consumer import Consumers
from servicekit.db.tx import clock_of

consumers = Consumers("enrollment")


@consumers.on(EmployerOpened, EmployerChanged)
async def learn_of_employer(event: EmployerOpened | EmployerChanged, tx: AsyncSession) -> None:
    """Keeps the copy of the register. Done in any order: each event carries the whole state and its version."""
    await employers.take_news(tx, event)


@consumers.on(ChangeRequested)
async def take_in_change(event: ChangeRequested, tx: AsyncSession) -> None:
    """Opens the application of a unit's change request, once. Retried while the unit itself is not known yet."""
    await employer_changes.take_in(tx, event, today=clock_of(tx).today())


@consumers.on(ApplicationSubmitted)
async def check_application(event: ApplicationSubmitted, tx: AsyncSession) -> None:
    """Runs the automatic checks, and decides where the agency's setting says so. Done, also when it is decided by now:
    checks and decision are one transaction with the claim of the message, so a killed worker leaves nothing half-done.
    """
    clock = clock_of(tx)
    await reviews.check_submitted(tx, event.application_no, today=clock.today(), now=clock.now())


@consumers.on(PersonAccountOpened, PersonAccountChanged)
async def recognise_account(event: PersonAccountOpened | PersonAccountChanged, tx: AsyncSession) -> None:
    """Looks whose an insured person's account is. Done in any order: each event carries all that is known of the
    account, and its version; whoever is not found waits for the register to change.
    """
    await recognition.take_news(tx, event)


@consumers.on(ReportFinished, ReportFailed)
async def tell_of_report(event: ReportFinished | ReportFailed, tx: AsyncSession) -> None:
    """Puts the end of a long report among the notices of whoever asked for it; once, in any order."""
    await notices.take_report(tx, event)
