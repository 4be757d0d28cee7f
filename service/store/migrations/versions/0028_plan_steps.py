"""What was done with each version of a plan, and when; of what was done before nothing is known but how it stands.

Revision 0028, after 0027.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "safety_plan_step",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version_id", sa.String(length=36), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["safety_plan.id"], name=op.f("fk_safety_plan_step_version_id")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_safety_plan_step_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_plan_step")),
    )
    op.create_index("ix_safety_plan_step_version_at", "safety_plan_step", ["version_id", "at"])


def downgrade() -> None:
    op.drop_table("safety_plan_step")
