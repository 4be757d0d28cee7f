"""The FHIR server of a connected system with the key by which we sign in there, sealed.

Revision 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("machine_client", sa.Column("server", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("machine_client") as batch:
        batch.drop_column("server")
