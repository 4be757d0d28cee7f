"""The hash of an addendum as it was written; unknown for what was there before.

Revision 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("note_addendum", sa.Column("content_hash", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("note_addendum") as batch:
        batch.drop_column("content_hash")
