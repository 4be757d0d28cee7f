"""A summary for another clinician on its pages: choose, read, make, and read again what was handed out."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from schemas.vocabulary import GoalDomain
from service.casework import disclosures, goals, people
from service.casework.goals import GoalDraft
from service.casework.records import Record
from service.domain import clock
from service.domain.accounts import STEP_UP_LASTS
from service.domain.actors import Actor
from service.domain.leaving import IN_REPORT
from service.reports import render
from service.store import treatment_summaries
from tests import builders
from tests.builders import House
from tests.reports.records import SECRETS, written
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
NEEDS = "Somebody to sleep near\nand <no> rush"
drawn = pytest.mark.skipif(not render.available(), reason="Pango is not installed: PDF reports are off")


@pytest.fixture
def record(app: Flask, house: House) -> Record:
    with app.app_context():
        found = written(house.therapist)
        builders.put_check(found.case.id, builders.a_check())
        return found


def chosen(app: Flask, house: House, case_id: str) -> dict[str, str]:
    with app.app_context():
        release = builders.add_release(house.therapist, case_id, classes=IN_REPORT)
    return {"since": "2026-03-02", "until": "2026-05-04", "release_id": release.id, "needs": NEEDS}


def digest_on(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


@pytest.mark.slow
@drawn
def test_it_is_read_made_kept_and_saved_as_it_was_handed_out(
    app: Flask, record: Record, house: House, sign_in: SignIn
) -> None:
    client, address = sign_in(house.therapist), f"/cases/{record.case.id}/summaries"
    assert "No release carries one" in client.get(address).text
    form = chosen(app, house, record.case.id)
    page = client.get(address).text
    assert "Harbour Clinic, until" in page and flaws(page) == []
    preview = client.post(address, data=form).text
    assert flaws(preview) == [] and "and &lt;no&gt; rush" in preview and "Attended: 5" in preview
    assert [secret for secret in SECRETS if secret in preview] == []
    form |= {"seen": digest_on(preview)}
    unread = client.post(f"{address}/make", data=form)
    assert unread.status_code == 422 and 'href="#f-signed"' in unread.text
    with app.app_context():
        builders.put_check(record.case.id, None)
    shut = client.post(f"{address}/make", data=form | {"signed": "yes"})
    assert shut.status_code == 422 and flaws(shut.text) == [] and "who else could see their record" in shut.text
    with app.app_context():
        builders.put_check(record.case.id, builders.a_check())
    made = client.post(f"{address}/make", data=form | {"signed": "yes"})
    assert made.location.endswith(address)
    page = client.get(address).text
    assert flaws(page) == [] and "PDF, as it was handed out" in page
    link = re.search(r'href="(/summaries/[^"]+/file)"', page)
    assert link
    file = client.get(link[1])
    assert file.headers["Content-Disposition"] == 'attachment; filename="summary.pdf"'
    text = " ".join(PdfReader(io.BytesIO(file.data)).pages[0].extract_text().split())
    assert "Prepared for Harbour Clinic, not for onward release." in text and "Attended: 5" in text
    with app.app_context():
        (kept,) = treatment_summaries.of_case(record.case.id)
        (row, *_older) = disclosures.read_disclosures(house.therapist, record.case.id).accounted
    assert kept.file == file.data and row.disclosure.left.digest == kept.digest


def test_what_changed_since_it_was_read_is_not_made(app: Flask, record: Record, house: House, sign_in: SignIn) -> None:
    client, address = sign_in(house.therapist), f"/cases/{record.case.id}/summaries"
    form = chosen(app, house, record.case.id)
    form |= {"seen": digest_on(client.post(address, data=form).text), "signed": "yes"}
    with app.app_context():
        goals.save_goal(house.therapist, record.case.id, GoalDraft(GoalDomain.PERSONAL, "Paint the door green"))
    again = client.post(f"{address}/make", data=form)
    assert again.status_code == 409 and "The record changed since you looked" in again.text
    assert "Paint the door green" in again.text
    with app.app_context():
        assert treatment_summaries.of_case(record.case.id) == ()


@pytest.mark.parametrize(
    ("changes", "name"),
    [({"until": "2026-01-01"}, "until"), ({"until": "2190-01-01"}, "until"), ({"release_id": ""}, "release_id")],
)
def test_a_choice_that_cannot_be_is_told_at_its_field(
    app: Flask, record: Record, house: House, sign_in: SignIn, changes: dict[str, str], name: str
) -> None:
    form = chosen(app, house, record.case.id) | changes
    page = sign_in(house.therapist).post(f"/cases/{record.case.id}/summaries", data=form)
    assert page.status_code == 422 and f'href="#f-{name}"' in page.text and "and &lt;no&gt; rush" in page.text


def test_it_asks_who_is_at_the_screen_and_a_supervisor_reads_alone(
    app: Flask, record: Record, house: House, sign_in: SignIn
) -> None:
    client, address = sign_in(house.therapist), f"/cases/{record.case.id}/summaries"
    form = chosen(app, house, record.case.id)
    with clock.standing_at(clock.now() + STEP_UP_LASTS + timedelta(minutes=1)):
        assert client.post(address, data=form).location == f"/step-up?next={address}"
    page = sign_in(house.supervisor).get(address).text
    assert "None left." in page and "See what would stand on it" not in page
    assert sign_in(house.peer).get(address).status_code == 404


@drawn
def test_the_supervisor_reads_the_very_file_and_sends_it_back_or_agrees(
    app: Flask, record: Record, house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        today = clock.now().date()
        people.supervise(house.admin, house.supervisor.user_id, house.therapist.user_id, today, cosigns=True)
    client, address = sign_in(house.therapist), f"/cases/{record.case.id}/summaries"
    form = chosen(app, house, record.case.id)
    page = client.get(address).text
    assert flaws(page) == [] and "leaves once they agreed to it" in page
    preview = client.post(address, data=form).text
    assert flaws(preview) == [] and "Make the summary" not in preview
    form |= {"seen": digest_on(preview), "signed": "yes"}
    barred = client.post(f"{address}/make", data=form)
    assert barred.status_code == 422 and "Send it to cosign" in barred.text
    request = client.post(f"{address}/cosign", data=form).location
    waits = client.get(request).text
    assert flaws(waits) == [] and "Let it leave" not in waits
    assert "Attended: 5" in waits and "and &lt;no&gt; rush" in waits
    reader = sign_in(house.supervisor)
    assert "Release it" in reader.get(request).text
    file = reader.get(f"{request}/file")
    assert file.headers["Content-Disposition"] == 'attachment; filename="summary.pdf"'
    text = " ".join(PdfReader(io.BytesIO(file.data)).pages[0].extract_text().split())
    assert "A supervisor of the practice read this and agreed to it" in text
    back = reader.post(
        f"{request}/return", data={"back": "Say <less>", "version": version_on(reader.get(request).text)}
    )
    assert back.location == request
    assert "Say &lt;less&gt;" in client.get(request).text and client.get(f"{request}/file").status_code == 409
    assert client.post(f"{address}/cosign", data=form).location == request
    reader.post(f"{request}/approve", data={"version": version_on(reader.get(request).text)})
    agreed = client.get(request).text
    assert flaws(agreed) == [] and "Let it leave" in agreed and "Let it leave" not in reader.get(request).text
    version = {"version": version_on(agreed)}
    again = client.get(f"{request}/file").data
    with app.app_context():
        builders.put_check(record.case.id, None)
    shut = client.post(f"{request}/leave", data=version)
    assert shut.status_code == 422 and flaws(shut.text) == [] and "who else could see their record" in shut.text
    with app.app_context():
        builders.put_check(record.case.id, builders.a_check())
    assert client.post(f"{request}/leave", data=version).location.endswith(address)
    assert client.post(f"{request}/leave", data=version).status_code == 409
    with app.app_context():
        (kept,) = treatment_summaries.of_case(record.case.id)
    assert kept.file == again and kept.cosigner_name == house.supervisor.name
    assert house.supervisor.name in client.get(address).text


def version_on(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]
