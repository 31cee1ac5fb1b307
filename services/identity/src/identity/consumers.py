"""What the identity service does when other services say something happened."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import EmployerChanged, EmployerOpened
from contracts.enrollment import PersonRecognised
from identity.directory import service as directory
from identity.persons import service as persons
from servicekit.consumer import Consumers

consumers = Consumers("identity")


@consumers.on(EmployerOpened, EmployerChanged)
async def learn_of_employer(event: EmployerOpened | EmployerChanged, tx: AsyncSession) -> None:
    """Keeps the directory of units. Done in any order: each event carries the whole state and its version."""
    await directory.take_news(tx, event)


@consumers.on(PersonRecognised)
async def learn_of_recognition(event: PersonRecognised, tx: AsyncSession) -> None:
    """Keeps whose insurance an account may see. Done, also when it is known already or the account is gone."""
    await persons.take_recognition(tx, event)
