"""What came after the last look at a plan.

Revision 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("safety_plan") as table:
        table.add_column(sa.Column("doubt", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("safety_plan") as table:
        table.drop_column("doubt")
