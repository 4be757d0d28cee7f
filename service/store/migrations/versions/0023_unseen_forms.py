"""Forms that a connected system sent, until somebody who looks after the case has opened them; what came before this
counts as seen.

Revision 0023, after 0022.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

UNSEEN = sa.text("unseen_since IS NOT NULL")


def upgrade() -> None:
    op.add_column("intake", sa.Column("unseen_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_intake_unseen", "intake", ["case_id", "unseen_since"], sqlite_where=UNSEEN, postgresql_where=UNSEEN
    )
    op.add_column("case_summary", sa.Column("unseen", sa.Integer(), nullable=True))
    op.add_column("case_summary", sa.Column("unseen_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_index("ix_intake_unseen", "intake")
    for table, column in (("case_summary", "unseen_since"), ("case_summary", "unseen"), ("intake", "unseen_since")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
