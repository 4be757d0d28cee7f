"""Choosing a report, its preview, and the file."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from schemas.vocabulary import GoalDomain
from service.casework import goals
from service.casework.goals import GoalDraft
from service.casework.records import Record
from service.domain.actors import Actor
from service.reports import render
from tests.builders import House
from tests.reports.records import SECRETS, written
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
WANTED = {"since": "2026-03-02", "until": "2026-05-04", "parts": ["goals", "log", "attendance"]}
drawn = pytest.mark.skipif(not render.available(), reason="Pango is not installed: PDF reports are off")


@pytest.fixture
def record(app: Flask, house: House) -> Record:
    with app.app_context():
        return written(house.therapist)


def test_names_urges_and_the_plan_are_not_ticked_beforehand(record: Record, house: House, sign_in: SignIn) -> None:
    page = sign_in(house.therapist).get(f"/cases/{record.case.id}/reports").text
    assert flaws(page) == []
    ticked = set(re.findall(r'name="parts" value="(\w+)" checked', page))
    assert ticked == {"attendance", "goals", "log", "helped", "steps", "hope"}


def test_the_preview_tells_what_goes_in_and_what_stays_out_and_why(
    record: Record, house: House, sign_in: SignIn
) -> None:
    page = sign_in(house.therapist).post(f"/cases/{record.case.id}/reports", data=WANTED)
    assert page.status_code == 200 and flaws(page.text) == []
    inside, _, outside = page.text.partition("<h2>Stays out</h2>")
    assert "à mon rythme" in inside and "8 readings from 2 Mar 2026" in inside
    assert "Session notes" in outside and "Left out: not chosen." in outside
    assert [secret for secret in SECRETS if secret in page.text] == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [({"until": "2026-01-01"}, "until"), ({"since": "soon"}, "since"), ({"until": "2190-01-01"}, "until")],
)
def test_a_period_that_cannot_be_comes_back_with_the_choice_kept(
    record: Record, house: House, sign_in: SignIn, changes: dict[str, str], name: str
) -> None:
    page = sign_in(house.therapist).post(f"/cases/{record.case.id}/reports", data=WANTED | changes)
    assert page.status_code == 422
    assert f'href="#f-{name}"' in page.text
    assert set(re.findall(r'name="parts" value="(\w+)" checked', page.text)) == set(WANTED["parts"])


@drawn
def test_the_file_has_a_neutral_name_and_is_a_draft_until_the_author_stands_by_it(
    record: Record, house: House, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    draft = client.post(f"/cases/{record.case.id}/reports/file", data=WANTED)
    signed = client.post(f"/cases/{record.case.id}/reports/file", data=WANTED | {"signed": "yes"})
    assert signed.headers["Content-Disposition"] == 'attachment; filename="summary.pdf"'
    assert "Draft, not signed" in _text(draft.data) and "Draft" not in _text(signed.data)
    assert "Okonkwo" not in _text(signed.data) and "Ana" not in _text(signed.data)


def test_a_protected_value_in_a_goal_keeps_the_report_from_being_made(
    app: Flask, record: Record, house: House, sign_in: SignIn
) -> None:
    goal = GoalDraft(GoalDomain.PERSONAL, "A walk from 14 hidden street", "Bag behind the boiler")
    with app.app_context():
        goals.save_goal(house.therapist, record.case.id, goal)
    client, address = sign_in(house.therapist), f"/cases/{record.case.id}/reports"
    page = client.post(address, data=WANTED)
    assert "Found before it leaves" in page.text and flaws(page.text) == []
    (may,) = re.findall(r'name="confirmed" value="([^"]+)"', page.text)
    refused = client.post(f"{address}/file", data=WANTED | {"confirmed": may})
    assert may.endswith(":client-address")
    assert refused.status_code == 422 and refused.mimetype == "text/html" and 'href="#f-confirmed"' in refused.text


def test_without_pango_the_preview_works_and_the_file_is_a_calm_page(
    record: Record, house: House, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    render.available.cache_clear()
    try:
        client = sign_in(house.therapist)
        preview = client.post(f"/cases/{record.case.id}/reports", data=WANTED)
        file = client.post(f"/cases/{record.case.id}/reports/file", data=WANTED)
    finally:
        render.available.cache_clear()
    assert "cannot be made on this computer" in preview.text and "<button" in preview.text
    assert "Make the PDF" not in preview.text
    assert file.status_code == 503 and "PDF reports are off" in file.text and flaws(file.text) == []


def test_a_supervisor_and_a_stranger_make_no_reports(record: Record, house: House, sign_in: SignIn) -> None:
    address = f"/cases/{record.case.id}/reports"
    assert sign_in(house.supervisor).get(address).status_code == 403
    assert sign_in(house.stranger).post(address, data=WANTED).status_code == 404


def _text(pdf: bytes) -> str:
    return " ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages)
