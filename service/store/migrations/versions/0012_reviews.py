"""The text of the structured relationship review, and when a goal was looked at together.

Revision 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relationship_review",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_relationship_review_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_relationship_review_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relationship_review")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_relationship_review_case_id_number")),
    )
    with op.batch_alter_table("goal") as table:
        table.add_column(sa.Column("reviewed_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("review", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("goal") as table:
        table.drop_column("review")
        table.drop_column("reviewed_on")
    op.drop_table("relationship_review")
