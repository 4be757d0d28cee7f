"""Keyed hashes of the persons whom cases name, and the matches between them.

Revision 0016, after 0015. The hashes of clients who are there already are made when the service starts, since only
the key file can.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_hash",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("named_as", sa.String(length=40), nullable=False),
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("born_hash", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_person_hash_case_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_person_hash_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_hash")),
    )
    op.create_index(op.f("ix_person_hash_case_id"), "person_hash", ["case_id"], unique=False)
    op.create_index("ix_person_hash_practice_name", "person_hash", ["practice_id", "name_hash"], unique=False)
    op.create_table(
        "conflict",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("named_as", sa.String(length=40), nullable=False),
        sa.Column("there_id", sa.String(length=36), nullable=False),
        sa.Column("there_as", sa.String(length=40), nullable=False),
        sa.Column("by_birth_date", sa.Boolean(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=True),
        sa.Column("answered_by", sa.String(length=36), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name=op.f("fk_conflict_answered_by")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_conflict_case_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_conflict_practice_id")),
        sa.ForeignKeyConstraint(["there_id"], ["client_case.id"], name=op.f("fk_conflict_there_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
        sa.UniqueConstraint("case_id", "named_as", "there_id", "there_as", name=op.f("uq_conflict_case_id_named_as_there_id_there_as")),
    )
    op.create_index(op.f("ix_conflict_practice_id"), "conflict", ["practice_id"], unique=False)
    op.create_index(op.f("ix_conflict_there_id"), "conflict", ["there_id"], unique=False)


def downgrade() -> None:
    op.drop_table("conflict")
    op.drop_table("person_hash")
    op.execute("DELETE FROM data_key WHERE scope = 'conflict'")
