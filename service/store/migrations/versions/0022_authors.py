"""Who wrote down a goal or a referral; unknown for what was there before.

Revision 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("goal", "referral")


def upgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("author_id", sa.String(length=36), nullable=True))
            batch.create_foreign_key(op.f(f"fk_{table}_author_id"), "account", ["author_id"], ["id"])


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_author_id"), type_="foreignkey")
            batch.drop_column("author_id")
