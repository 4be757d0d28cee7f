"""Moves of an episode of care and its discharge; states by their own names instead of the codes of FHIR.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Before -> after. Going down, states that the older names cannot tell apart become the nearest.
RENAMED = {"planned": "enquiry", "onhold": "on_hold", "finished": "closed", "cancelled": "declined"}
NEAREST = {"referred": "planned", "assessment": "active", "review": "active", "closing": "active"}
BACK = {after: before for before, after in RENAMED.items()} | NEAREST | {"transferred": "finished"}


def upgrade() -> None:
    with op.batch_alter_table("episode") as table:
        table.add_column(sa.Column("earlier_id", sa.String(length=36), nullable=True))
        table.create_foreign_key(op.f("fk_episode_earlier_id"), "episode", ["earlier_id"], ["id"])
    op.create_table(
        "episode_move",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("episode_id", sa.String(length=36), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=True),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_episode_move_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_episode_move_case_id")),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_episode_move_episode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode_move")),
    )
    op.create_index("ix_episode_move_case_time", "episode_move", ["case_id", "at"], unique=False)
    op.create_table(
        "discharge",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("episode_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("answered_by", sa.String(length=36), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checklist", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name=op.f("fk_discharge_answered_by")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_discharge_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_discharge_case_id")),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_discharge_episode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discharge")),
    )
    op.create_index("ix_discharge_case_time", "discharge", ["case_id", "at"], unique=False)
    _rename(RENAMED)


def downgrade() -> None:
    _rename(BACK)
    op.drop_table("discharge")
    op.drop_table("episode_move")
    with op.batch_alter_table("episode") as table:
        table.drop_constraint(op.f("fk_episode_earlier_id"), type_="foreignkey")
        table.drop_column("earlier_id")


def _rename(names: dict[str, str]) -> None:
    for before, after in names.items():
        op.execute(f"UPDATE episode SET status = '{after}' WHERE status = '{before}'")
