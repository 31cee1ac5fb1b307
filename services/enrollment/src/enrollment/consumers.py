"""What the enrollment service does when other services say something happened."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import EmployerChanged, EmployerOpened
from enrollment.employers import service as employers
from servicekit.consumer import Consumers

consumers = Consumers("enrollment")


@consumers.on(EmployerOpened, EmployerChanged)
async def learn_of_employer(event: EmployerOpened | EmployerChanged, tx: AsyncSession) -> None:
    """Keeps the copy of the register. Done in any order: each event carries the whole state and its version."""
    await employers.take_news(tx, event)
