"""Export: preview with reasons, confirmation of identity, receipt, and files that match the receipt."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.actions import Action
from schemas.release_codes import ContentClass as C
from service.casework import cases
from service.casework.records import Record
from service.domain import clock
from service.domain.accounts import STEP_UP_LASTS
from service.domain.actors import Actor
from service.fhir import RESOURCES
from service.fhir.classes import PRACTICE_ONLY
from service.fhir.labels import labels_for
from service.fhir.package import IN_NUMBERS
from service.store.audit import AuditRow
from service.store.base import db
from service.web.exports import LABELS
from tests import builders
from tests.api import bodies
from tests.builders import House
from tests.reports.records import SECRETS, written
from tests.web.markup import flaws

WORDS_OF_PEOPLE = frozenset({"Consent", "Patient", "Goal", "Task"})
SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def record(app: Flask, house: House) -> Record:
    with app.app_context():
        found = written(house.therapist)
        builders.put_check(found.case.id, builders.a_check())
        return found


def receipt(client: FlaskClient, case_id: str) -> str:
    made = client.post(f"/cases/{case_id}/export/make", data=bodies.a_departure())
    assert made.status_code == 200 and flaws(made.text) == []
    return re.findall(r'name="digest" value="([0-9a-f]{64})"', made.text)[0]


def exports_of(app: Flask) -> int:
    with app.app_context():
        return db.session.query(AuditRow).filter_by(action=Action.EXPORT_MAKE, verdict="allowed").count()


def test_the_preview_shows_all_there_is_beside_what_leaves_with_a_reason_for_each_part_that_stays(
    record: Record, house: House, sign_in: SignIn, app: Flask
) -> None:
    page = sign_in(house.therapist).get(f"/cases/{record.case.id}/export").text
    assert flaws(page) == []
    left, _, right = page.partition("<h2>What the reader gets</h2>")
    assert "Safety events" in left and "never leaves the practice" in left and "The other person" in left
    assert "Logs and forms, with every answer: " in right and "Sessions that took place: " in right
    assert "Words of goals" in left and "Words of goals" not in right
    assert [kind for kind in RESOURCES if re.search(rf"\b{kind}\b", right) and kind not in WORDS_OF_PEOPLE] == []
    assert exports_of(app) == 0
    assert [secret for secret in SECRETS if secret in page] == []


def test_a_preview_says_beforehand_that_the_client_must_be_asked_who_else_sees(
    record: Record, house: House, sign_in: SignIn, app: Flask
) -> None:
    address, asked = f"/cases/{record.case.id}/export", f"/cases/{record.case.id}/record-check"
    assert asked not in sign_in(house.therapist).get(address).text
    with app.app_context():
        day = clock.now().date() - timedelta(days=100)
        builders.put_check(record.case.id, builders.a_check(asked_on=day))
    client = sign_in(house.therapist)
    page = client.get(address).text
    assert asked in page and flaws(page) == []
    refused = client.post(f"{address}/make", data=bodies.a_departure(route="post"))
    assert refused.status_code == 422 and asked in refused.text and flaws(refused.text) == []


def test_an_export_asks_who_it_is_and_comes_back_to_the_confirmation(
    record: Record, house: House, sign_in: SignIn, app: Flask
) -> None:
    client = sign_in(house.therapist)
    address = f"/cases/{record.case.id}/export/make"
    with clock.standing_at(clock.now() + STEP_UP_LASTS + timedelta(minutes=1)):
        for asked in (client.get(address), client.post(address)):
            assert asked.status_code == 303
            assert asked.location == f"/step-up?next={address}"
    assert exports_of(app) == 0


def test_the_files_are_those_of_the_receipt_and_each_leaves_its_audit_row(
    record: Record, house: House, sign_in: SignIn, app: Flask
) -> None:
    client = sign_in(house.therapist)
    digest = receipt(client, record.case.id)
    bundle = client.post(f"/cases/{record.case.id}/export/bundle", data=bodies.a_departure(digest=digest))
    contents = client.post(f"/cases/{record.case.id}/export/contents", data={"digest": digest})
    assert bundle.headers["Content-Disposition"] == 'attachment; filename="record.json"'
    assert contents.headers["Content-Disposition"] == 'attachment; filename="record-contents.json"'
    assert json.loads(bundle.data)["type"] == "collection"
    assert json.loads(contents.data)["contents_sha256"] == digest
    assert [secret for secret in SECRETS if secret in bundle.text + contents.text] == []
    assert exports_of(app) == 3


def test_a_record_that_changed_after_the_receipt_is_not_handed_out(
    record: Record, house: House, sign_in: SignIn, app: Flask
) -> None:
    client = sign_in(house.therapist)
    digest = receipt(client, record.case.id)
    with app.app_context():
        found = cases.read_case(house.therapist, record.case.id)
        cases.change_client(
            house.therapist, found.id, replace(found.client, chosen_name="Another Name"), version=found.version
        )
    refused = client.post(f"/cases/{record.case.id}/export/bundle", data=bodies.a_departure(digest=digest))
    assert refused.status_code == 409 and "changed after the receipt" in refused.text
    assert refused.mimetype == "text/html"


@pytest.mark.parametrize("path", ["bundle", "contents"])
def test_a_download_that_waited_too_long_leads_back_to_the_confirmation(
    record: Record, house: House, sign_in: SignIn, path: str
) -> None:
    client = sign_in(house.therapist)
    address = f"/cases/{record.case.id}/export/{path}"
    with clock.standing_at(clock.now() + STEP_UP_LASTS + timedelta(minutes=1)):
        assert client.post(address, data=bodies.a_departure(digest="0" * 64)).location == f"/step-up?next={address}"
    assert "Export this record" in client.get(address).text


@pytest.mark.parametrize("path", ["make", "bundle", "contents"])
def test_nobody_else_exports(record: Record, house: House, sign_in: SignIn, path: str) -> None:
    address = f"/cases/{record.case.id}/export/{path}"
    form = {"digest": "0" * 64} if path == "contents" else bodies.a_departure()
    form |= {"digest": "0" * 64} if path == "bundle" else {}
    assert sign_in(house.supervisor).post(address, data=form).status_code in (403, 404)
    assert sign_in(house.stranger).post(address, data=form).status_code == 404


def test_every_label_that_a_package_can_carry_has_words_of_its_own() -> None:
    codes = {each["code"] for kind in RESOURCES for each in labels_for(kind)}
    assert codes == LABELS.keys()


def test_every_resource_that_can_leave_has_words_of_its_own() -> None:
    assert set(IN_NUMBERS) == set(RESOURCES) - PRACTICE_ONLY


def test_a_package_is_chosen_shown_confirmed_and_taken_away_as_chosen(
    record: Record, house: House, sign_in: SignIn, app: Flask
) -> None:
    client, place = sign_in(house.therapist), f"/cases/{record.case.id}/export"
    chosen = {"audience": "court", "form": "ndjson", "classes": ["attendance", "logs"], "by_release": ""}
    way = client.post(place, data=chosen).location
    assert way.startswith(f"{place}?audience=court&form=ndjson")
    shown = client.get(way).text
    assert (
        flaws(shown) == []
        and "It does not go to a court or authority." in shown
        and "Not told" in shown
        and "0 sent" in shown
    )
    asked = client.get(way.replace("/export?", "/export/make?")).text
    assert flaws(asked) == [] and 'name="audience" value="court"' in asked and "a court or authority" in asked
    sent = bodies.a_departure() | {name: value for name, value in chosen.items() if value}
    confirmed = client.post(f"{place}/make", data=sent).text
    digest = re.findall(r'name="digest" value="([0-9a-f]{64})"', confirmed)[0]
    file = client.post(f"{place}/bundle", data=sent | {"digest": digest})
    assert file.headers["Content-Disposition"] == 'attachment; filename="record.ndjson"'
    kinds = {json.loads(line)["resourceType"] for line in file.data.splitlines()}
    assert "Encounter" in kinds and kinds.isdisjoint({"Observation", "DocumentReference", "QuestionnaireResponse"})
    wider = client.post(f"{place}/bundle", data=sent | {"digest": digest, "audience": "clinician", "classes": []})
    assert wider.status_code == 409


def test_a_transaction_is_taken_away_by_the_digest_of_its_receipt_and_no_other_form_by_it(
    record: Record, house: House, sign_in: SignIn, app: Flask
) -> None:
    client, place = sign_in(house.therapist), f"/cases/{record.case.id}/export"
    sent = bodies.a_departure(form="transaction")
    shown = client.post(f"{place}/make", data=sent).text
    assert flaws(shown) == [] and "One transaction for a FHIR server" in shown
    sent["digest"] = re.findall(r'name="digest" value="([0-9a-f]{64})"', shown)[0]
    file = client.post(f"{place}/bundle", data=sent)
    assert file.headers["Content-Disposition"] == 'attachment; filename="record-transaction.json"'
    assert json.loads(file.data)["type"] == "transaction"
    assert client.post(f"{place}/bundle", data=sent | {"form": "bundle"}).status_code == 409
    assert exports_of(app) == 2


def test_a_scope_that_cannot_be_read_is_said_and_a_release_of_another_case_bounds_nothing(
    record: Record, house: House, sign_in: SignIn, app: Flask
) -> None:
    client, place = sign_in(house.therapist), f"/cases/{record.case.id}/export"
    assert "Choose one of" in client.get(f"{place}?audience=everybody").text
    with app.app_context():
        other = builders.add_release(house.therapist, builders.add_case(house.therapist).id)
    refused = client.post(place, data={"audience": "client", "form": "bundle", "by_release": other.id})
    assert refused.status_code == 422 and "Choose a release that is in force" in refused.text
    assert "carries nothing" in client.get(f"{place}?by_release={other.id}").text


def test_a_release_that_does_not_cover_everything_narrows_what_is_shown_and_what_is_taken_away(
    record: Record, house: House, sign_in: SignIn, app: Flask
) -> None:
    client, place = sign_in(house.therapist), f"/cases/{record.case.id}/export"
    with app.app_context():
        narrow = builders.add_release(house.therapist, record.case.id, classes=(C.CARE, C.ATTENDANCE))
    sent = bodies.by_a_release(release_id=narrow.id)
    shown = client.post(f"{place}/make", data=sent)
    assert shown.status_code == 200 and flaws(shown.text) == []
    assert "it is for this practice, not for whoever receives the record" in shown.text
    assert "The release does not cover it." in shown.text and "Sessions that took place: " in shown.text
    digest = re.findall(r'name="digest" value="([0-9a-f]{64})"', shown.text)[0]
    file = client.post(f"{place}/bundle", data=sent | {"digest": digest})
    kinds = {each["resource"]["resourceType"] for each in json.loads(file.data)["entry"]}
    assert "Encounter" in kinds and kinds.isdisjoint({"Observation", "DocumentReference", "Goal", "CarePlan"})


def test_a_release_of_which_an_export_can_hold_nothing_is_refused_with_the_way_to_go(
    record: Record, house: House, sign_in: SignIn, app: Flask
) -> None:
    client, place = sign_in(house.therapist), f"/cases/{record.case.id}/export"
    with app.app_context():
        summary = builders.add_release(house.therapist, record.case.id, classes=(C.SUMMARY,))
    shown = client.get(f"{place}?by_release={summary.id}").text
    assert "Nothing would leave." in shown and "Go on to export" not in shown
    sent = bodies.by_a_release(release_id=summary.id)
    refused = client.post(f"{place}/make", data=sent)
    assert refused.status_code == 422 and "A summary is made under Reports." in refused.text
