"""Insured units, kinds of employer, insurance types; the kit's tables."""

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import create_kit_tables, drop_kit_tables, enable_unit_rls

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# domain.md §3 (national codes; common practice, not checked against an official text).
_INSURANCE_TYPES = {
    "310": "职工基本医疗保险",
    "320": "公务员医疗补助",
    "330": "大额医疗费用补助",
    "340": "离休人员医疗保障",
    "390": "城乡居民基本医疗保险",
    "410": "长期护理保险",
    "510": "生育保险",
}
_EVERYBODY = ["310", "330", "510"]
_PUBLIC = ["310", "320", "330", "510"]
_KINDS = {
    "10": ("企业", True, _EVERYBODY),
    "30": ("机关", True, _PUBLIC),
    "50": ("事业单位", True, _PUBLIC),
    "70": ("社会团体", True, _EVERYBODY),
    "80": ("民办非企业", True, _EVERYBODY),
    "90": ("个体工商户", True, _EVERYBODY),
    "99": ("虚拟单位", False, _EVERYBODY),
}


def upgrade() -> None:
    """Creates the tables and fills the code tables."""
    create_kit_tables(op)
    insurance_types = op.create_table(
        "insurance_types",
        sa.Column("code", sa.String(3), primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
    )
    op.bulk_insert(insurance_types, [{"code": code, "name": name} for code, name in _INSURANCE_TYPES.items()])
    kinds = op.create_table(
        "employer_kinds",
        sa.Column("code", sa.String(2), primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("online_declaration", sa.Boolean(), nullable=False),
        sa.Column("insurances", sa.ARRAY(sa.String(3)), nullable=False),
    )
    op.bulk_insert(
        kinds,
        [
            {"code": code, "name": name, "online_declaration": online, "insurances": insurances}
            for code, (name, online, insurances) in _KINDS.items()
        ],
    )
    op.create_table(
        "units",
        sa.Column("employer_no", sa.String(20), primary_key=True),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_grams", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("kind", sa.String(2), sa.ForeignKey("employer_kinds.code"), nullable=False),
        sa.Column("virtual", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(6), server_default="open", nullable=False),
        sa.Column("affiliation", sa.String(40)),
        sa.Column("industry", sa.String(60)),
        sa.Column("insured_since", sa.Date(), nullable=False),
        sa.Column("billed_from", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_units_status")),
    )
    op.create_index("ix_units_uscc", "units", ["uscc"])
    op.create_index("ix_units_name_grams", "units", ["name_grams"], postgresql_using="gin")
    op.create_table(
        "unit_contacts",
        sa.Column("employer_no", sa.String(20), sa.ForeignKey("units.employer_no"), primary_key=True),
        sa.Column("legal_representative", sa.String(50), nullable=False),
        sa.Column("legal_representative_id", sa.LargeBinary()),
        sa.Column("legal_representative_id_masked", sa.String(40)),
        sa.Column("legal_representative_phone", sa.LargeBinary(), nullable=False),
        sa.Column("legal_representative_phone_masked", sa.String(40), nullable=False),
        sa.Column("contact", sa.String(50), nullable=False),
        sa.Column("contact_phone", sa.LargeBinary(), nullable=False),
        sa.Column("contact_phone_masked", sa.String(40), nullable=False),
        sa.Column("contact_mobile", sa.LargeBinary()),
        sa.Column("contact_mobile_masked", sa.String(40)),
        sa.Column("email", sa.String(100)),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("postal_code", sa.String(6)),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.create_table(
        "unit_registrations",
        sa.Column("employer_no", sa.String(20), sa.ForeignKey("units.employer_no"), primary_key=True),
        sa.Column("registration_no", sa.String(40)),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("capital", sa.Numeric(14, 2)),
        sa.Column("approved_on", sa.Date()),
        sa.Column("issued_by", sa.String(100)),
        sa.Column("term_from", sa.Date()),
        sa.Column("term_to", sa.Date()),
        sa.Column("business_scope", sa.Text()),
    )
    for table in ("units", "unit_contacts", "unit_registrations"):
        enable_unit_rls(op, table)


def downgrade() -> None:
    """Drops what `upgrade` made."""
    for table in ("unit_registrations", "unit_contacts", "units", "employer_kinds", "insurance_types"):
        op.drop_table(table)
    drop_kit_tables(op)
