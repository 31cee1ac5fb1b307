"""The one Alembic environment of all services. `servicekit.db.migrate` passes the open connection in."""

from alembic import context

from servicekit.db.base import KIT_METADATA
from servicekit.db.migrate import Passed

passed: Passed = context.config.attributes["hall"]

context.configure(
    connection=passed.connection,
    target_metadata=[passed.metadata, KIT_METADATA],
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
