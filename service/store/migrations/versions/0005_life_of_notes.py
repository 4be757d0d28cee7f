"""What follows a signature: the trail of a note, who is cosigned, when a note is late, and sessions that are hidden.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "note_step",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("answers", sa.String(length=36), nullable=True),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["answers"], ["note_step.id"], name=op.f("fk_note_step_answers")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_note_step_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_note_step_case_id")),
        sa.ForeignKeyConstraint(["session_id"], ["therapy_session.id"], name=op.f("fk_note_step_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_step")),
        sa.UniqueConstraint("answers", name=op.f("uq_note_step_answers")),
        sa.UniqueConstraint("session_id", "number", name=op.f("uq_note_step_session_id_number")),
    )
    op.create_index("ix_note_step_case_step", "note_step", ["case_id", "step"], unique=False)
    op.add_column("therapy_session", sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("supervision", sa.Column("cosigns", sa.Boolean(), nullable=True))
    op.add_column("practice", sa.Column("late_after_hours", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("practice", "late_after_hours")
    op.drop_column("supervision", "cosigns")
    op.drop_column("therapy_session", "hidden_at")
    op.drop_index("ix_note_step_case_step", table_name="note_step")
    op.drop_table("note_step")
