"""Who takes over the records of an account that ended: one person names a therapist, another confirms.

Revision 0030, after 0029.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None
PEOPLE = ("account_id", "asked_by", "second_id", "successor_id")


def upgrade() -> None:
    op.create_table(
        "account_succession",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("successor_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=36), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_id", sa.String(length=36), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.ForeignKeyConstraint([each], ["account.id"], name=op.f(f"fk_account_succession_{each}")) for each in PEOPLE),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_account_succession_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_succession")),
    )
    op.create_index(op.f("ix_account_succession_account_id"), "account_succession", ["account_id"], unique=False)
    op.create_index(op.f("ix_account_succession_practice_id"), "account_succession", ["practice_id"], unique=False)


def downgrade() -> None:
    op.drop_table("account_succession")
