"""Supervision meetings, the cases they touched, what is to be done, and how many hours were agreed.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("supervision") as table:
        table.add_column(sa.Column("target_minutes", sa.Integer(), nullable=True))
    op.create_table(
        "supervision_record",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("supervisor_id", sa.String(length=36), nullable=False),
        sa.Column("therapist_id", sa.String(length=36), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_supervision_record_practice_id")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["account.id"], name=op.f("fk_supervision_record_supervisor_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["account.id"], name=op.f("fk_supervision_record_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_record")),
    )
    op.create_index(op.f("ix_supervision_record_practice_id"), "supervision_record", ["practice_id"], unique=False)
    op.create_index(
        "ix_supervision_record_supervisor", "supervision_record", ["supervisor_id", "held_on"], unique=False
    )
    op.create_index("ix_supervision_record_therapist", "supervision_record", ["therapist_id", "held_on"], unique=False)
    op.create_table(
        "supervision_case",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_supervision_case_case_id")),
        sa.ForeignKeyConstraint(["record_id"], ["supervision_record.id"], name=op.f("fk_supervision_case_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_case")),
        sa.UniqueConstraint("record_id", "case_id", name=op.f("uq_supervision_case_record_id_case_id")),
    )
    op.create_index(op.f("ix_supervision_case_case_id"), "supervision_case", ["case_id"], unique=False)
    op.create_table(
        "supervision_action",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_supervision_action_case_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_supervision_action_owner_id")),
        sa.ForeignKeyConstraint(["record_id"], ["supervision_record.id"], name=op.f("fk_supervision_action_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_action")),
    )
    op.create_index(op.f("ix_supervision_action_case_id"), "supervision_action", ["case_id"], unique=False)
    op.create_index("ix_supervision_action_owner", "supervision_action", ["owner_id", "due_on"], unique=False)
    op.create_index(op.f("ix_supervision_action_record_id"), "supervision_action", ["record_id"], unique=False)


def downgrade() -> None:
    op.drop_table("supervision_action")
    op.drop_table("supervision_case")
    op.drop_table("supervision_record")
    op.execute("DELETE FROM data_key WHERE scope = 'supervision'")
    with op.batch_alter_table("supervision") as table:
        table.drop_column("target_minutes")
