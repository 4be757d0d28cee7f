"""Bulk exports of connected systems: what was asked for, the cases to look at, how long each file is.

Revision 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_export",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("ask", sa.LargeBinary(), nullable=False),
        sa.Column("withheld", sa.LargeBinary(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_bulk_export_account_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_bulk_export_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_export")),
    )
    op.create_index(op.f("ix_bulk_export_account_id"), "bulk_export", ["account_id"], unique=False)
    op.create_index(op.f("ix_bulk_export_practice_id"), "bulk_export", ["practice_id"], unique=False)
    op.create_table(
        "bulk_case",
        sa.Column("export_id", sa.String(length=36), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("release_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_bulk_case_case_id")),
        sa.ForeignKeyConstraint(["export_id"], ["bulk_export.id"], name=op.f("fk_bulk_case_export_id")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_bulk_case_release_id")),
        sa.PrimaryKeyConstraint("export_id", "ordinal", name=op.f("pk_bulk_case")),
    )
    op.create_index(op.f("ix_bulk_case_case_id"), "bulk_case", ["case_id"], unique=False)
    op.create_table(
        "bulk_file",
        sa.Column("export_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["export_id"], ["bulk_export.id"], name=op.f("fk_bulk_file_export_id")),
        sa.PrimaryKeyConstraint("export_id", "type", name=op.f("pk_bulk_file")),
    )


def downgrade() -> None:
    op.drop_table("bulk_file")
    op.drop_index(op.f("ix_bulk_case_case_id"), table_name="bulk_case")
    op.drop_table("bulk_case")
    op.drop_index(op.f("ix_bulk_export_practice_id"), table_name="bulk_export")
    op.drop_index(op.f("ix_bulk_export_account_id"), table_name="bulk_export")
    op.drop_table("bulk_export")
