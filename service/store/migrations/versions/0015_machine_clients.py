"""Connected systems with keys of their own, and tokens that say what they reach. Tokens from before reach nothing.

Revision 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "machine_client",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("scopes", sa.String(length=2000), nullable=False),
        sa.Column("key_url", sa.String(length=500), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("keys_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_machine_client_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_machine_client")),
    )
    op.create_table(
        "seen_assertion",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("jti_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_seen_assertion_account_id")),
        sa.PrimaryKeyConstraint("account_id", "jti_hash", name=op.f("pk_seen_assertion")),
    )
    op.add_column("bearer_token", sa.Column("scopes", sa.String(length=2000), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("bearer_token") as table:
        table.drop_column("scopes")
    op.drop_table("seen_assertion")
    op.drop_table("machine_client")
