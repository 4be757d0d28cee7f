"""Contact plan, boundaries, toolkit and network: cards beside the plans.

Revision 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_card",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("put_away_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_plan_card_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_plan_card_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_card")),
    )
    op.create_index("ix_plan_card_case_kind", "plan_card", ["case_id", "kind"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_plan_card_case_kind", table_name="plan_card")
    op.drop_table("plan_card")
