"""What the leak guard found of stored versions, sealed, one row a case.

Revision 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leak_verdict",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_leak_verdict_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_leak_verdict")),
    )


def downgrade() -> None:
    op.drop_table("leak_verdict")
