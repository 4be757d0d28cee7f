"""What was taken over from other systems.

Revision 0018, after 0017. Nothing was taken over before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outside_record",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_outside_record_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_outside_record_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_record")),
    )
    op.create_index("ix_outside_record_case_time", "outside_record", ["case_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_table("outside_record")
