"""Names by which the agency finds applications; notices; common reasons of a rejection."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import enable_unit_rls

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TABLE = "applications"

# 审核不通过的常用意见 [common practice, the agency's to change].
_REASONS = (
    "申报信息与证明材料不一致，请核对后重新申报",
    "姓名或证件号码有误，请核对后重新申报",
    "劳动合同起止日期与参保月份不符，请核对后重新申报",
    "月缴费工资与劳动合同约定不符，请核对后重新申报",
    "停保原因与实际情况不符，请核对后重新申报",
    "该人员已办理退休，请按退休人员办理",
    "附件不全或不清晰，请补充后重新申报",
    "重复申报",
)


def upgrade() -> None:
    for name in ("employer_no_submitted_at", "employer_no_id_number_index"):  # others have taken their place
        op.drop_index(f"ix_applications_{name}", _TABLE)
    op.create_table(
        "application_names",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("no", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("token", "employer_no", "no", name="pk_application_names"),
    )
    op.create_index("ix_application_names_employer_no_no", "application_names", ["employer_no", "no"])
    enable_unit_rls(op, "application_names")
    op.create_table(
        "notice_marks",
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("seen_to", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("employer_no", "account_id", name="pk_notice_marks"),
    )
    enable_unit_rls(op, "notice_marks")
    _reasons()


def _reasons() -> None:
    entries = sa.table("dictionary_entries", *map(sa.column, ("table_name", "code", "name", "position")))
    rows = [
        {"table_name": "rejection_reasons", "code": f"{position + 1:02d}", "name": reason, "position": position}
        for position, reason in enumerate(_REASONS)
    ]
    op.bulk_insert(entries, rows)
    op.execute("UPDATE dictionary_version SET version = version + 1")


def downgrade() -> None:
    op.execute("DELETE FROM dictionary_entries WHERE table_name = 'rejection_reasons'")
    op.drop_table("notice_marks")
    op.drop_table("application_names")
    op.create_index("ix_applications_employer_no_submitted_at", _TABLE, ["employer_no", sa.text("submitted_at DESC")])
    op.create_index("ix_applications_employer_no_id_number_index", _TABLE, ["employer_no", "id_number_index"])
