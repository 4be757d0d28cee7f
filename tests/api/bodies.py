"""Bodies that the API takes, one a noun, and counts of what is stored: for tests that change one thing."""

from datetime import timedelta
from typing import Any

from flask import Flask

from service.domain import clock
from service.store.base import db
from tests import builders

NOT_RECORDS = frozenset({"audit_row", "audit_seal", "audit_head", "alembic_version", "sign_in"})


def a_client(**changes: object) -> dict[str, Any]:
    body: dict[str, Any] = {
        "chosen_name": "Zoë Okonkwo-Šimić",
        "legal_name": "",
        "pronouns": "they/them",
        "gender": "female",
        "gender_identity": "",
        "birth_date": "1990-02-03",
        "languages": "English",
        "interpreter": "",
        "access_needs": "",
        "address": "",
    }
    return body | changes


def a_checklist(**changes: object) -> dict[str, Any]:
    body: dict[str, Any] = {
        "reason": "planned",
        "explanation": "",
        "measures_taken": False,
        "measures_reason": "Not wanted",
        "plan_reviewed": False,
        "plan_reason": "Not wanted",
        "aftercare_made": False,
        "aftercare_reason": "Not wanted",
        "contact_after": "",
        "door_open": "A call is enough",
        "handed_over": [],
    }
    return body | changes


def a_session(**changes: object) -> dict[str, Any]:
    body: dict[str, Any] = {
        "starts_at": "2026-05-04T10:00:00+01:00",
        "ends_at": "2026-05-04T10:50:00+01:00",
        "type": "individual",
        "place": "Room 2",
        "private": "yes",
        "attendance": "attended",
        "risk": "asked_nothing_new",
        "risk_reason": "",
        "plan_right": "still_right",
        "homework_given": "Note one small decision a day",
        "homework_reviewed": "",
        "next_on": "2026-05-11",
        "next_reason": "",
        "work": {
            "interventions": ["psychoeducation"],
            "modality": "Drawing",
            "goal_ids": [],
            "reviewed": [{"item": "One small walk", "done": "partly", "note": "Twice"}],
        },
    }
    return body | changes


def a_goal(**changes: object) -> dict[str, Any]:
    body: dict[str, Any] = {
        "domain": "personal",
        "words": "Sleep in my own bed",
        "measure": "Nights a week",
        "next_step": "",
        "status": "active",
        "target_on": None,
        "review_on": "2027-01-04",
        "reviewed_on": None,
        "review": None,
    }
    return body | changes


def a_log(**changes: object) -> dict[str, Any]:
    body: dict[str, Any] = {
        "instrument_key": "wsl",
        "answers": {key: {"value": value} for key, value in builders.wsl_answers().items()},
        "capture": {"channel": "in_person", "private": "yes", "held_pen": "client"},
        "contact_context": "separated_limited_contact",
        "authored_at": clock.now().isoformat(),
    }
    return body | changes


def a_handover(**changes: object) -> dict[str, Any]:
    body: dict[str, Any] = {
        "instrument_key": "wsl",
        "mode": "steps",
        "contact_context": "on_off",
        "private": "yes",
        "interpreter": "none",
    }
    return body | changes


def a_follow_up(**changes: object) -> dict[str, Any]:
    body: dict[str, Any] = {
        "code": "extra_contact",
        "offered": "A call on Friday",
        "client_wish": "Wants the call",
        "decided_by": "Both",
        "text": "Talked through what happened and booked an extra call.",
        "at": clock.now().isoformat(),
        "next_check": (clock.now().date() + timedelta(days=7)).isoformat(),
    }
    return body | changes


def a_departure(**changes: object) -> dict[str, Any]:
    body = {"recipient": "The client", "basis": "client", "purpose": "client_use", "route": "handed", "told": "before"}
    body["chart"] = "none"
    return body | changes


def by_a_release(**changes: object) -> dict[str, Any]:
    """As the releases of `builders.release_terms` were signed."""
    signed = {"recipient": "Harbour Clinic", "basis": "release", "purpose": "coordination", "route": "post"}
    return a_departure(**(signed | changes))


def stored(app: Flask) -> dict[str, int]:
    """Rows of every table that holds records."""
    with app.app_context():
        tables = [table for table in db.metadata.sorted_tables if table.name not in NOT_RECORDS]
        counts = {table.name: db.session.query(table).count() for table in tables}
        db.session.rollback()
        return counts
