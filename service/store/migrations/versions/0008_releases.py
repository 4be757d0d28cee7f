"""Consents, releases and the disclosures log, which nobody changes.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_consent_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_consent_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_case_id"), "consent", ["case_id"], unique=False)
    op.create_table(
        "release",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_how", sa.String(length=40), nullable=True),
        sa.Column("ending", sa.LargeBinary(), nullable=True),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_release_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_release_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    op.create_index(op.f("ix_release_case_id"), "release", ["case_id"], unique=False)
    op.create_table(
        "disclosure",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("door", sa.String(length=40), nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("release_id", sa.String(length=36), nullable=True),
        sa.Column("corrects", sa.String(length=36), nullable=True),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_disclosure_case_id")),
        sa.ForeignKeyConstraint(["corrects"], ["disclosure.id"], name=op.f("fk_disclosure_corrects")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_disclosure_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    op.create_index("ix_disclosure_case_time", "disclosure", ["case_id", "at"], unique=False)
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("disclosure")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION disclosure_is_append_only()")
    op.drop_table("release")
    op.drop_table("consent")


def _guards(dialect: str) -> list[str]:
    """What left has left: the database refuses to change or remove a row."""
    if dialect == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'disclosures are append-only'); END"
        taken = "WHEN EXISTS (SELECT 1 FROM disclosure WHERE id = NEW.id)"
        return [
            f"CREATE TRIGGER disclosure_no_update BEFORE UPDATE ON disclosure {refuse}",
            f"CREATE TRIGGER disclosure_no_delete BEFORE DELETE ON disclosure {refuse}",
            f"CREATE TRIGGER disclosure_no_replace BEFORE INSERT ON disclosure {taken} {refuse}",
        ]
    call = "EXECUTE FUNCTION disclosure_is_append_only()"
    return [
        "CREATE FUNCTION disclosure_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'disclosures are append-only'; END $$",
        f"CREATE TRIGGER disclosure_no_change BEFORE UPDATE OR DELETE ON disclosure FOR EACH ROW {call}",
        f"CREATE TRIGGER disclosure_no_truncate BEFORE TRUNCATE ON disclosure FOR EACH STATEMENT {call}",
    ]
