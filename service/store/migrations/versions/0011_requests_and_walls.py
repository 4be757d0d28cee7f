"""Requests for the record, what stands around a case, retention rules and certificates of purge.

Revision 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_requests()
    _add_walls()
    _add_retention()


def downgrade() -> None:
    for table in (
        "purge_certificate",
        "retention_rule",
        "glass_seen",
        "glass_opening",
        "case_wall",
        "record_request",
    ):
        op.drop_table(table)


def _add_requests() -> None:
    op.create_table(
        "record_request",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("proposer_id", sa.String(length=36), nullable=True),
        sa.Column("approver_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["approver_id"], ["account.id"], name=op.f("fk_record_request_approver_id")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_record_request_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_record_request_case_id")),
        sa.ForeignKeyConstraint(["proposer_id"], ["account.id"], name=op.f("fk_record_request_proposer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_request")),
    )
    op.create_index(op.f("ix_record_request_case_id"), "record_request", ["case_id"], unique=False)


def _add_walls() -> None:
    op.create_table(
        "case_wall",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_id", sa.String(length=36), nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_case_wall_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_case_wall_case_id")),
        sa.ForeignKeyConstraint(["second_id"], ["account.id"], name=op.f("fk_case_wall_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_wall")),
    )
    op.create_index(op.f("ix_case_wall_case_id"), "case_wall", ["case_id"], unique=False)
    op.create_table(
        "glass_opening",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_glass_opening_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_glass_opening_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glass_opening")),
    )
    op.create_index(
        "ix_glass_opening_case_account", "glass_opening", ["case_id", "account_id", "until"], unique=False
    )
    op.create_table(
        "glass_seen",
        sa.Column("opening_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_glass_seen_account_id")),
        sa.ForeignKeyConstraint(["opening_id"], ["glass_opening.id"], name=op.f("fk_glass_seen_opening_id")),
        sa.PrimaryKeyConstraint("opening_id", "account_id", name=op.f("pk_glass_seen")),
    )


def _add_retention() -> None:
    op.create_table(
        "retention_rule",
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("after_service", sa.Integer(), nullable=False),
        sa.Column("after_majority", sa.Integer(), nullable=False),
        sa.Column("majority", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name=op.f("fk_retention_rule_changed_by")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_retention_rule_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", name=op.f("pk_retention_rule")),
    )
    op.create_table(
        "purge_certificate",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=36), nullable=False),
        sa.Column("agreed_by", sa.String(length=36), nullable=False),
        sa.Column("key_count", sa.Integer(), nullable=False),
        sa.Column("kept_until", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agreed_by"], ["account.id"], name=op.f("fk_purge_certificate_agreed_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_purge_certificate_asked_by")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_purge_certificate_case_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_purge_certificate_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purge_certificate")),
        sa.UniqueConstraint("case_id", name=op.f("uq_purge_certificate_case_id")),
    )
    op.create_index(op.f("ix_purge_certificate_practice_id"), "purge_certificate", ["practice_id"], unique=False)
