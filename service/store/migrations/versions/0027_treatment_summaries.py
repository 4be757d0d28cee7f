"""Summaries of treatment that left, kept as they were handed out, sealed with the case's key.

Revision 0027, after 0026.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "treatment_summary",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("disclosure_id", sa.String(length=36), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_treatment_summary_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_treatment_summary_case_id")),
        sa.ForeignKeyConstraint(["disclosure_id"], ["disclosure.id"], name=op.f("fk_treatment_summary_disclosure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatment_summary")),
    )
    op.create_index(op.f("ix_treatment_summary_case_id"), "treatment_summary", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_table("treatment_summary")
