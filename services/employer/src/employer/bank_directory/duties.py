"""A periodic duty: checked files that nobody confirmed are forgotten."""

from employer.bank_directory import service
from servicekit.db.tx import Scope, begin
from servicekit.jobs import Periodic
from servicekit.runtime import Runtime


async def expire_imports(runtime: Runtime) -> None:
    """Forgets the rows of files that nobody confirmed in time."""
    async with begin(runtime, scope=Scope.system()) as tx:
        await service.expire(tx, now=runtime.clock.now())


DUTIES = (Periodic("employer.expire_bank_imports", 3600.0, expire_imports),)
