"""SQL of what is one's own. Row level security lets an insured person read what is about them."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.employers.models import Employer


async def employer_names(tx: AsyncSession, numbers: Collection[str]) -> dict[str, str]:
    """The names of units that insure or insured the asker, by number."""
    query = select(Employer.employer_no, Employer.name).where(Employer.employer_no.in_(numbers))
    return {row.employer_no: row.name for row in await tx.execute(query)}
