"""Choosing a report, its preview, and the file."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from schemas.release_codes import ContentClass
from schemas.request_codes import RequestStatus
from schemas.vocabulary import CaseStatus, GoalDomain
from service.casework import cases, disclosures, goals, people, requests, walls
from service.casework.goals import GoalDraft
from service.casework.records import Record
from service.domain import clock
from service.domain.actors import Actor
from service.domain.requests import Proposal, ReportChoice
from service.reports import render
from service.store import accounts
from service.store.base import db
from service.store.cases import CaseRow
from tests.builders import House
from tests.reports.records import END, SECRETS, START, written
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
    assert "This case is closed" not in refused.text
    with app.app_context():
        db.session.get_one(CaseRow, record.case.id).status = CaseStatus.CLOSED
        db.session.commit()
    page = client.post(address, data=WANTED)
    assert "This case is closed: a goal or a plan can be changed once it is reopened" in page.text
    assert flaws(page.text) == []


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


@pytest.fixture
def cosigned(app: Flask, record: Record, house: House) -> Record:
    """The same record, of a therapist whom the supervisor cosigns."""
    with app.app_context():
        accounts.be_cosigned(house.supervisor.user_id, house.therapist.user_id)
        db.session.commit()
    return record


@drawn
def test_a_report_of_somebody_under_cosign_is_a_draft_until_a_supervisor_released_its_words(
    app: Flask, cosigned: Record, house: House, sign_in: SignIn
) -> None:
    client, supervisor = sign_in(house.therapist), sign_in(house.supervisor)
    at = f"/cases/{cosigned.case.id}/reports"
    chosen = WANTED | {"parts": ["goals", "author"]}
    page = client.post(at, data=chosen).text
    assert "Send it to cosign" in page and "I have read it" not in page and flaws(page) == []
    assert "Draft, not signed" in _text(client.post(f"{at}/file", data=chosen).data)
    early = client.post(f"{at}/file", data=chosen | {"signed": "yes"})
    assert early.status_code == 422 and "Send these words to cosign" in early.text and flaws(early.text) == []
    sent = client.post(f"{at}/cosign", data=chosen).location
    waiting = client.post(at, data=chosen).text
    assert "It waits for a supervisor" in waiting and "Send it" not in waiting and flaws(waiting) == []
    assert client.post(f"{at}/file", data=chosen | {"signed": "yes"}).status_code == 422
    assert client.post(f"{sent}/approve", data={"version": _version(sent, client)}).status_code == 409
    read = supervisor.get(sent).text
    assert "à mon rythme" in read and "Release it" in read and flaws(read) == []
    assert supervisor.post(f"{sent}/approve", data={"version": _version(sent, supervisor)}).status_code == 303
    released = client.get(sent).text
    assert "See what goes in" in released and flaws(released) == []
    page = client.post(at, data=chosen).text
    assert "Released by" in page and "I have read it" in page and flaws(page) == []
    final = _text(client.post(f"{at}/file", data=chosen | {"signed": "yes"}).data)
    assert "Draft" not in final and f"Cosigned by {house.supervisor.name}" in " ".join(final.split())
    with app.app_context():
        newest = disclosures.read_disclosures(house.therapist, cosigned.case.id).accounted[0].disclosure
        assert f"Cosigned by {house.supervisor.name}" in newest.left.sections


def test_nobody_but_who_cosigns_the_author_releases_a_progress_report(
    app: Flask, cosigned: Record, house: House, sign_in: SignIn
) -> None:
    client, peer = sign_in(house.therapist), sign_in(house.peer)
    with app.app_context():
        cases.assign_cover(
            house.therapist, cosigned.case.id, house.peer.user_id, clock.now().date() + timedelta(days=3)
        )
    sent = client.post(f"/cases/{cosigned.case.id}/reports/cosign", data=WANTED).location
    version = _version(sent, sign_in(house.supervisor))
    read = peer.get(sent).text
    assert "Release it" not in read and "See what goes in" not in read and "cosigns what its author" in read
    for step, more in (("approve", {}), ("return", {"back": "Anything"})):
        for other in (peer, client):
            assert other.post(f"{sent}/{step}", data={"version": version} | more).status_code in (403, 409)
    with app.app_context():
        people.end_account(house.admin, house.supervisor.user_id)
    for other in (peer, client):
        assert other.post(f"{sent}/{step}", data={"version": version} | more).status_code in (403, 409)
    refused = client.post(f"/cases/{cosigned.case.id}/reports/file", data=WANTED | {"signed": "yes"})
    assert refused.status_code == 422
    assert "No supervisor who cosigns" in client.post(f"/cases/{cosigned.case.id}/reports", data=WANTED).text
    page = client.get(f"/cases/{cosigned.case.id}/summaries").text
    assert "No supervisor who cosigns" in page and flaws(page) == []


def test_somebody_covering_under_cosign_needs_their_own_cosigner(
    app: Flask, record: Record, house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        day = clock.now().date()
        accounts.supervise(house.practice_id, house.supervisor.user_id, house.peer.user_id, day)
        accounts.be_cosigned(house.supervisor.user_id, house.peer.user_id)
        db.session.commit()
        people.end_supervision(house.admin, house.supervisor.user_id, house.therapist.user_id)
        cases.assign_cover(house.therapist, record.case.id, house.peer.user_id, day + timedelta(days=3))
    peer, owner = sign_in(house.peer), sign_in(house.therapist)
    sent = peer.post(f"/cases/{record.case.id}/reports/cosign", data=WANTED).location
    assert owner.post(f"{sent}/approve", data={"version": "2"}).status_code in (403, 409)
    with app.app_context():
        found = requests.read_request(house.therapist, sent.rpartition("/")[2])
        assert (found.request.status, found.may_second) == (RequestStatus.PROPOSED, False)


def test_somebody_whom_nobody_cosigns_sends_nothing_to_cosign(record: Record, house: House, sign_in: SignIn) -> None:
    assert sign_in(house.therapist).post(f"/cases/{record.case.id}/reports/cosign", data=WANTED).status_code == 409


def test_words_that_stay_here_are_not_sent_to_cosign(
    app: Flask, cosigned: Record, house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        goals.save_goal(house.therapist, cosigned.case.id, GoalDraft(GoalDomain.PERSONAL, "Bag behind the boiler"))
    client, at = sign_in(house.therapist), f"/cases/{cosigned.case.id}/reports"
    refused = client.post(f"{at}/cosign", data=WANTED | {"parts": ["goals"]})
    assert refused.status_code == 422 and 'href="#f-confirmed"' in refused.text and flaws(refused.text) == []
    assert client.get(f"/cases/{cosigned.case.id}/requests").text.count("Progress report") == 0


def test_two_reports_wait_side_by_side_and_stand_where_reports_are_chosen(
    cosigned: Record, house: House, sign_in: SignIn
) -> None:
    client, at = sign_in(house.therapist), f"/cases/{cosigned.case.id}/reports"
    first = client.post(f"{at}/cosign", data=WANTED).location
    second = client.post(f"{at}/cosign", data=WANTED | {"parts": ["goals"]}).location
    assert first != second
    page = client.get(at).text
    assert first in page and second in page and flaws(page) == []
    for step in ("cosign", "file"):
        assert client.get(f"{at}/{step}").location.endswith(at)


def test_a_report_that_no_supervisor_could_release_says_so(
    app: Flask, cosigned: Record, house: House, sign_in: SignIn
) -> None:
    client, at = sign_in(house.therapist), f"/cases/{cosigned.case.id}/reports"
    assert "No supervisor who" not in client.post(at, data=WANTED).text
    with app.app_context():
        walls.restrict(house.therapist, cosigned.case.id, "A relative of hers works here", wanted=True)
    page = client.post(at, data=WANTED).text
    assert "No supervisor who" in page and flaws(page) == []


def test_words_that_changed_since_wait_anew(app: Flask, cosigned: Record, house: House, sign_in: SignIn) -> None:
    client, supervisor = sign_in(house.therapist), sign_in(house.supervisor)
    at = f"/cases/{cosigned.case.id}/reports"
    sent = client.post(f"{at}/cosign", data=WANTED).location
    again = client.post(f"{at}/cosign", data=WANTED).location
    assert again == sent
    supervisor.post(f"{sent}/approve", data={"version": _version(sent, supervisor)})
    other = WANTED | {"parts": ["goals"]}
    assert client.post(f"{at}/file", data=other | {"signed": "yes"}).status_code == 422
    with app.app_context():
        goals.save_goal(house.therapist, cosigned.case.id, GoalDraft(GoalDomain.PERSONAL, "Sing on Sundays"))
    assert "Send it to cosign" in client.post(at, data=WANTED).text
    refused = client.post(f"{at}/file", data=WANTED | {"signed": "yes"})
    assert refused.status_code == 422 and 'href="#f-signed"' in refused.text
    assert client.post(f"{at}/cosign", data=WANTED).location != sent


def test_a_report_sent_earlier_says_nothing_of_a_longer_period(
    app: Flask, cosigned: Record, house: House, sign_in: SignIn
) -> None:
    with app.app_context(), clock.standing_at(END):
        supervision = accounts.supervision_row(house.supervisor.user_id, house.therapist.user_id)
        assert supervision is not None
        supervision.since = START.date()
        db.session.commit()
        choice = ReportChoice(START.date(), END.date(), ("goals",))
        proposal = Proposal((ContentClass.SUMMARY,), "Its words", choice)
        requests.send_to_cosign(house.therapist, cosigned.case.id, proposal, "Nine weeks")
    longer = {"since": str(START.date()), "until": str((END + timedelta(days=1)).date()), "parts": ["goals"]}
    page = sign_in(house.therapist).post(f"/cases/{cosigned.case.id}/reports", data=longer)
    assert page.status_code == 200 and "Send it to cosign" in page.text


def test_a_report_that_was_sent_back_is_sent_again_as_the_record_stands(
    app: Flask, cosigned: Record, house: House, sign_in: SignIn
) -> None:
    client, supervisor = sign_in(house.therapist), sign_in(house.supervisor)
    at = f"/cases/{cosigned.case.id}/reports"
    sent = client.post(f"{at}/cosign", data=WANTED).location
    assert (
        supervisor.post(
            f"{sent}/return", data={"version": _version(sent, supervisor), "back": "Nine it was"}
        ).status_code
        == 303
    )
    page = client.get(sent).text
    assert "It was sent back" in page and "Propose it to" not in page and flaws(page) == []
    typed = {"classes": "summary", "items": "Other words", "version": _version(sent, client)}
    refused = client.post(f"{sent}/propose", data=typed)
    assert refused.status_code == 422 and "under Reports" in refused.text
    with app.app_context():
        goals.save_goal(house.therapist, cosigned.case.id, GoalDraft(GoalDomain.PERSONAL, "Sing on Sundays"))
    assert client.post(f"{at}/cosign", data=WANTED).location == sent
    assert "Sing on Sundays" in supervisor.get(sent).text


def test_a_progress_report_cannot_be_entered_as_a_request_that_came_in(
    record: Record, house: House, sign_in: SignIn
) -> None:
    client, at = sign_in(house.therapist), f"/cases/{record.case.id}/requests/new"
    assert 'value="progress"' not in client.get(at).text
    typed = {"kind": "progress", "by": "client", "name": "The client", "words": "All", "received_on": "2026-05-04"}
    assert client.post(at, data=typed).status_code == 422


def _version(at: str, client: FlaskClient) -> str:
    found = re.search(r'name="version" value="(\d+)"', client.get(at).text)
    assert found is not None
    return found[1]
