"""What running instruments needs beyond the first tables.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=True),
        sa.Column("intake_id", sa.String(length=36), nullable=True),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("instrument_key", sa.String(length=40), nullable=False),
        sa.Column("instrument_version", sa.String(length=40), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("screen_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_handover_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_handover_case_id")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_handover_intake_id")),
        sa.ForeignKeyConstraint(["session_id"], ["therapy_session.id"], name=op.f("fk_handover_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_handover_code_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_handover_token_hash")),
    )
    op.create_index(op.f("ix_handover_author_id"), "handover", ["author_id"], unique=False)
    op.create_index(op.f("ix_handover_case_id"), "handover", ["case_id"], unique=False)
    op.create_index(op.f("ix_handover_intake_id"), "handover", ["intake_id"], unique=False)
    op.create_index(op.f("ix_handover_session_id"), "handover", ["session_id"], unique=False)
    op.create_index(op.f("ix_handover_state"), "handover", ["state"], unique=False)
    # Schedules, refusals and reliabilities.
    op.create_table(
        "reliability",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("instrument_key", sa.String(length=40), nullable=False),
        sa.Column("major", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("sd", sa.Double(), nullable=False),
        sa.Column("r", sa.Double(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("population", sa.String(length=200), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("approver", sa.String(length=200), nullable=False),
        sa.Column("entered_by", sa.String(length=36), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entered_by"], ["account.id"], name=op.f("fk_reliability_entered_by")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_reliability_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reliability")),
    )
    op.create_index(op.f("ix_reliability_practice_id"), "reliability", ["practice_id"], unique=False)
    op.create_table(
        "schedule",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("instrument_key", sa.String(length=40), nullable=False),
        sa.Column("rhythm", sa.String(length=40), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("set_by", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_schedule_case_id")),
        sa.ForeignKeyConstraint(["set_by"], ["account.id"], name=op.f("fk_schedule_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("case_id", "instrument_key", name=op.f("uq_schedule_case_id_instrument_key")),
    )
    op.create_table(
        "refusal",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("instrument_key", sa.String(length=40), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_refusal_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["client_case.id"], name=op.f("fk_refusal_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal")),
    )
    op.create_index(
        "ix_refusal_case_instrument_time", "refusal", ["case_id", "instrument_key", "declined_at"], unique=False
    )
    _add_event_history()
    _add_crisis_panel()
    _add_imported_forms()


def downgrade() -> None:
    _drop_imported_forms()
    _drop_crisis_panel()
    _drop_event_history()
    op.drop_table("refusal")
    op.drop_table("schedule")
    op.drop_table("reliability")
    op.drop_table("handover")


def _add_event_history() -> None:
    with op.batch_alter_table("safety_event") as table:
        table.add_column(sa.Column("disposed_by", sa.String(length=36), nullable=True))
        table.add_column(sa.Column("check_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("earlier_id", sa.String(length=36), nullable=True))
        table.add_column(sa.Column("awaiting", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("awaiting_since", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("due_since", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("due_session_id", sa.String(length=36), nullable=True))
        table.create_foreign_key(op.f("fk_safety_event_due_session_id"), "therapy_session", ["due_session_id"], ["id"])
        table.create_foreign_key(op.f("fk_safety_event_disposed_by"), "account", ["disposed_by"], ["id"])
        table.create_foreign_key(op.f("fk_safety_event_earlier_id"), "safety_event", ["earlier_id"], ["id"])
    op.create_index("ix_safety_event_awaiting", "safety_event", ["awaiting", "case_id"], unique=False)
    op.create_table(
        "safety_event_step",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=True),
        sa.Column("intake_id", sa.String(length=36), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_safety_event_step_by_id")),
        sa.ForeignKeyConstraint(["event_id"], ["safety_event.id"], name=op.f("fk_safety_event_step_event_id")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_safety_event_step_intake_id")),
        sa.ForeignKeyConstraint(["session_id"], ["therapy_session.id"], name=op.f("fk_safety_event_step_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_event_step")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_safety_event_step_event_id_number")),
    )
    with op.batch_alter_table("case_summary") as table:
        table.add_column(sa.Column("now_since", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("now_by", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("today_since", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("today_by", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("next_since", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("check_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("reading_since", sa.DateTime(timezone=True), nullable=True))


def _add_crisis_panel() -> None:
    op.create_table(
        "crisis_panel",
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("changed_by", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name=op.f("fk_crisis_panel_changed_by")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_crisis_panel_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", name=op.f("pk_crisis_panel")),
    )
    op.create_table(
        "second_reader",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("named_by", sa.String(length=36), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_second_reader_account_id")),
        sa.ForeignKeyConstraint(["named_by"], ["account.id"], name=op.f("fk_second_reader_named_by")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_second_reader_practice_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_reader")),
    )
    op.create_index(op.f("ix_second_reader_practice_id"), "second_reader", ["practice_id"], unique=False)


def _drop_crisis_panel() -> None:
    op.drop_table("second_reader")
    op.drop_table("crisis_panel")


def _drop_event_history() -> None:
    with op.batch_alter_table("case_summary") as table:
        for name in ("reading_since", "check_on", "next_since", "today_by", "today_since", "now_by", "now_since"):
            table.drop_column(name)
    op.drop_table("safety_event_step")
    op.drop_index("ix_safety_event_awaiting", "safety_event")
    with op.batch_alter_table("safety_event") as table:
        table.drop_constraint(op.f("fk_safety_event_earlier_id"), type_="foreignkey")
        table.drop_constraint(op.f("fk_safety_event_disposed_by"), type_="foreignkey")
        table.drop_constraint(op.f("fk_safety_event_due_session_id"), type_="foreignkey")
        for name in (
            "due_session_id",
            "due_since",
            "awaiting_since",
            "awaiting",
            "earlier_id",
            "check_on",
            "disposed_by",
        ):
            table.drop_column(name)


def _add_imported_forms() -> None:
    op.create_table(
        "instrument",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("form_version", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=False),
        sa.Column("original_hash", sa.String(length=64), nullable=False),
        sa.Column("attested_by", sa.String(length=36), nullable=True),
        sa.Column("attested_name", sa.String(length=200), nullable=False),
        sa.Column("attested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("thresholds", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attested_by"], ["account.id"], name=op.f("fk_instrument_attested_by")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_instrument_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrument")),
        sa.UniqueConstraint(
            "practice_id", "key", "form_version", name=op.f("uq_instrument_practice_id_key_form_version")
        ),
    )
    op.create_index(op.f("ix_instrument_practice_id"), "instrument", ["practice_id"], unique=False)


def _drop_imported_forms() -> None:
    op.drop_table("instrument")
