"""Resets that a second person grants, and supervision that the therapist agrees to.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_reset",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("asked_by", sa.String(length=36), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_id", sa.String(length=36), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_reset_account_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_account_reset_asked_by")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_account_reset_practice_id")),
        sa.ForeignKeyConstraint(["second_id"], ["account.id"], name=op.f("fk_account_reset_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_reset")),
    )
    op.create_index(op.f("ix_account_reset_account_id"), "account_reset", ["account_id"], unique=False)
    op.create_index(op.f("ix_account_reset_practice_id"), "account_reset", ["practice_id"], unique=False)
    with op.batch_alter_table("supervision") as batch:
        batch.add_column(sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True))
    # What stands was set up before anybody was asked; it goes on.
    op.execute("UPDATE supervision SET agreed_at = CURRENT_TIMESTAMP")


def downgrade() -> None:
    # Without the column a proposal would count as agreed.
    op.execute("DELETE FROM supervision WHERE agreed_at IS NULL")
    with op.batch_alter_table("supervision") as batch:
        batch.drop_column("agreed_at")
    op.drop_table("account_reset")
