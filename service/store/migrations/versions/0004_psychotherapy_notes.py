"""Psychotherapy notes with a key of their own, and who may read one in training.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("data_key") as table:
        table.drop_constraint(op.f("uq_data_key_scope_id"), type_="unique")
        table.create_unique_constraint(op.f("uq_data_key_scope_id_scope"), ["scope_id", "scope"])
    op.create_table(
        "psychotherapy_note",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_psychotherapy_note_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_psychotherapy_note_case_id")),
        sa.ForeignKeyConstraint(["session_id"], ["therapy_session.id"], name=op.f("fk_psychotherapy_note_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_psychotherapy_note")),
        sa.UniqueConstraint("session_id", "author_id", name=op.f("uq_psychotherapy_note_session_id_author_id")),
    )
    op.create_index("ix_psychotherapy_note_case_author", "psychotherapy_note", ["case_id", "author_id"], unique=False)
    op.create_table(
        "psychotherapy_grant",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("note_id", sa.String(length=36), nullable=False),
        sa.Column("supervisor_id", sa.String(length=36), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["note_id"], ["psychotherapy_note.id"], name=op.f("fk_psychotherapy_grant_note_id")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["account.id"], name=op.f("fk_psychotherapy_grant_supervisor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_psychotherapy_grant")),
    )
    op.create_index(op.f("ix_psychotherapy_grant_note_id"), "psychotherapy_grant", ["note_id"], unique=False)
    op.create_index(op.f("ix_psychotherapy_grant_supervisor_id"), "psychotherapy_grant", ["supervisor_id"], unique=False)


def downgrade() -> None:
    """The notes go, and with them the keys that opened nothing else."""
    op.drop_table("psychotherapy_grant")
    op.drop_table("psychotherapy_note")
    op.execute("DELETE FROM data_key WHERE scope NOT IN ('practice', 'case')")
    with op.batch_alter_table("data_key") as table:
        table.drop_constraint(op.f("uq_data_key_scope_id_scope"), type_="unique")
        table.create_unique_constraint(op.f("uq_data_key_scope_id"), ["scope_id"])
