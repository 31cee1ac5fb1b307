"""Insured persons see what is theirs: their index, the accounts that identity tells of, row level security."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import let_person_see, own_person

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SCOPE = "(SELECT current_setting('hall.scope', true))"
# The units by whom one is or was insured: their names stand in one's own coverage.
_INSURED_THERE = """
    {me} IS NOT NULL
    AND EXISTS (SELECT FROM coverage c WHERE c.employer_no = employers.employer_no AND c.person_id = {me})
"""
_ACCOUNT = "(SELECT current_setting('hall.account_id', true))"


def upgrade() -> None:
    op.add_column("people", sa.Column("link_index", sa.LargeBinary))
    op.create_table(
        "person_links",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("person_index", sa.LargeBinary, nullable=False),
        sa.Column("registered_as", sa.LargeBinary, nullable=False),
        sa.Column("reached_at", sa.LargeBinary),
        sa.Column("vouched", sa.Boolean, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid),
        sa.Column("person_version", sa.Integer),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_person_links"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_links_person_id_people"),
        sa.CheckConstraint(
            "standing IN ('recognised', 'mobile_differs', 'not_found')", name=op.f("ck_person_links_known_standing")
        ),
        sa.CheckConstraint(
            "(standing = 'recognised') = (person_id IS NOT NULL)", name=op.f("ck_person_links_recognised_is_somebody")
        ),
    )
    waiting = sa.text("standing <> 'recognised'")
    op.create_index("ix_person_links_waiting", "person_links", ["person_index"], postgresql_where=waiting)
    op.execute("ALTER TABLE person_links ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE person_links FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY person_links_all ON person_links USING ({_SCOPE} = 'system')")
    op.execute(
        "CREATE POLICY person_links_own ON person_links FOR SELECT"
        f" USING ({_SCOPE} = 'person' AND account_id::text = {_ACCOUNT})"
    )
    let_person_see(op, "people", column="id")
    let_person_see(op, "coverage")
    insured_there = _INSURED_THERE.format(me=own_person())
    op.execute(f"CREATE POLICY employers_of_person ON employers FOR SELECT USING ({insured_there})")


def downgrade() -> None:
    for table in ("employers", "coverage", "people"):
        op.execute(f"DROP POLICY {table}_of_person ON {table}")
    op.drop_table("person_links")
    op.drop_column("people", "link_index")
