"""The file of a summary for another clinician, as long as it waits in its request to be cosigned or to leave.

Revision 0029, after 0028.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("record_request", sa.Column("file", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("record_request") as batch:
        batch.drop_column("file")
