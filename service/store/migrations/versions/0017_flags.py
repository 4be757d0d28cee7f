"""Whether a practice lets flags leave: off until it turns them on.

Revision 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("practice", sa.Column("flags_leave", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("practice", "flags_leave")
