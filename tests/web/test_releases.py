"""Consents, releases and what left, over HTTP: the pages of a therapist, step by step."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.release_codes import ContentClass, LegalBasis
from schemas.vocabulary import CopyAnswer, PlanType
from service.casework import disclosures as log
from service.casework import plans, proxies
from service.casework.copies import CopyWish
from service.domain import clock
from service.domain.actors import Actor
from service.domain.disclosures import to_the_client
from service.domain.leaving import NOTHING_LEFT
from service.domain.proxies import Concern
from service.store import disclosures, releases
from tests import builders
from tests.api import bodies
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
RELEASE = {
    "form": "ordinary",
    "recipient": "Harbour Clinic",
    "address": "",
    "classes": ["attendance", "summary"],
    "purpose": "coordination",
    "words": "So that both know the dates",
    "route": "post",
}
SAID = {"redisclosure": "yes", "other_ways": "yes", "no_condition": "yes"}


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


@pytest.fixture
def client(house: House, sign_in: SignIn) -> FlaskClient:
    return sign_in(house.therapist)


def a_release(**changes: object) -> dict[str, object]:
    return RELEASE | {"expires_on": str(clock.now().date() + timedelta(days=30))} | changes


def test_an_empty_case_says_what_would_fill_the_pages(client: FlaskClient, case_id: str) -> None:
    for path in ("releases", "disclosures", "disclosures/accounting", "disclosures/new", "releases/new"):
        page = client.get(f"/cases/{case_id}/{path}")
        assert page.status_code == 200 and flaws(page.text) == [], path
    assert "Not asked" in client.get(f"/cases/{case_id}/releases").text
    assert "Nothing has left." in client.get(f"/cases/{case_id}/disclosures").text


def test_a_consent_is_kept_and_shown_with_how_it_was_given(client: FlaskClient, case_id: str) -> None:
    given = {
        "kind": "recording",
        "answer": "given",
        "on": str(clock.now().date()),
        "how": "verbal",
        "note": "For review",
    }
    assert client.post(f"/cases/{case_id}/consents", data=given).status_code == 303
    page = client.get(f"/cases/{case_id}/releases").text
    assert "For review" in page and flaws(page) == []
    again = client.post(f"/cases/{case_id}/consents", data=given | {"kind": "messaging", "answer": "withdrawn"})
    assert again.status_code == 422 and "Only what was given" in again.text and "For review" in again.text


def test_a_release_is_read_together_signed_and_revoked(client: FlaskClient, case_id: str) -> None:
    refused = client.post(f"/cases/{case_id}/releases/new", data=a_release(recipient="", classes=[]))
    assert refused.status_code == 422 and "So that both know" in refused.text and flaws(refused.text) == []
    made = client.post(f"/cases/{case_id}/releases/new", data=a_release())
    assert made.status_code == 303
    page = client.get(made.location).text
    assert "may pass it on" in page and flaws(page) == []
    unsaid = client.post(f"{made.location}/sign", data={"version": "1", "redisclosure": "yes"})
    assert unsaid.status_code == 422 and "does not depend" in unsaid.text
    assert client.post(f"{made.location}/sign", data=SAID | {"version": "1"}).status_code == 303
    assert "In force" in client.get(made.location).text
    assert client.post(f"{made.location}/sign", data=SAID | {"version": "1"}).status_code == 409
    assert flaws(client.get(f"{made.location}/revoke").text) == []
    ended = client.post(f"{made.location}/revoke", data={"how": "verbal", "note": "", "version": "2"})
    assert ended.status_code == 303 and "Revoked" in client.get(made.location).text


def test_an_unsigned_release_is_dropped_once_it_was_asked_for_again(client: FlaskClient, case_id: str) -> None:
    at = client.post(f"/cases/{case_id}/releases/new", data=a_release()).location
    page = client.get(at).text
    assert f'href="{at}/drop"' in page and f'action="{at}/drop"' not in page
    asked = client.get(f"{at}/drop").text
    assert "once it is dropped nobody can" in asked and flaws(asked) == []
    assert client.post(f"{at}/drop", data={"version": "7"}).status_code == 409
    assert client.post(f"{at}/drop", data={"version": "1"}).status_code == 303
    over = client.get(f"{at}/drop").text
    assert "does not wait for a signature" in over and flaws(over) == []
    assert "Dropped" in client.get(at).text


def test_neither_form_nor_accounting_tells_a_supervisor_who_the_other_person_is(
    app: Flask, house: House, case_id: str, sign_in: SignIn
) -> None:
    with app.app_context():
        proxies.save_concern(house.therapist, case_id, Concern(names="Corvin Hale"), version=0)
        away = builders.a_departure(basis=LegalBasis.CLIENT, why="Corvin asked for it")
        log.record_disclosure(house.therapist, case_id, away, (ContentClass.CARE,), "A letter")
    asked = a_release(recipient="", words="So that Corvin hears nothing")
    read_by: dict[str, tuple[int, str, str]] = {}
    for name, reader in (("therapist", house.therapist), ("supervisor", house.supervisor)):
        client = sign_in(reader)
        form = client.post(f"/cases/{case_id}/releases/new", data=asked)
        page = client.get(f"/cases/{case_id}/disclosures/accounting").text
        read_by[name] = form.status_code, form.text, page
    assert read_by["therapist"][0] == 422 and "other person" in read_by["therapist"][1]
    assert read_by["supervisor"][0] == 403 and "Corvin" not in read_by["supervisor"][1]
    assert '<b dir="auto">Corvin</b>' in read_by["therapist"][2]
    assert '<b dir="auto">Corvin</b>' not in read_by["supervisor"][2] and "sees which" in read_by["supervisor"][2]


def test_what_left_is_entered_accounted_for_and_corrected(client: FlaskClient, case_id: str, app: Flask) -> None:
    given = bodies.a_departure(classes=["attendance"], what="Three dates on paper")
    refused = client.post(f"/cases/{case_id}/disclosures/new", data=given | {"basis": "duty"})
    assert refused.status_code == 422 and "Three dates on paper" in refused.text and flaws(refused.text) == []
    assert client.post(f"/cases/{case_id}/disclosures/new", data=given).status_code == 303
    with app.app_context():
        (row,) = disclosures.of_case(case_id)
    form = client.get(f"/disclosures/{row.id}/correct").text
    assert flaws(form) == [] and "The first row stays" in form
    right = bodies.a_departure(recipient="Her sister", what="It was the sister who took it")
    assert client.post(f"/disclosures/{row.id}/correct", data=right).status_code == 303
    page = client.get(f"/cases/{case_id}/disclosures/accounting").text
    assert "Three dates on paper" in page and "Her sister" in page and flaws(page) == []


def test_a_printed_accounting_says_of_an_own_copy_only_that_it_is_one(
    app: Flask, house: House, client: FlaskClient, case_id: str
) -> None:
    with app.app_context():
        plan = builders.add_plan(house.therapist, case_id, PlanType.PL_LEAVE)
        wish = CopyWish("Notes", "At work", answer=CopyAnswer.CARD)
        plans.copy_plan(house.therapist, plan.id, wish)
        (row,) = disclosures.of_case(case_id)
        log.correct_disclosure(house.therapist, row.id, to_the_client(), "It was taken along later")
    told = client.get(f"/cases/{case_id}/disclosures").text
    printed = client.get(f"/cases/{case_id}/disclosures/accounting").text
    assert PlanType.PL_LEAVE.label in told and "Small card" in told
    assert [words for words in (*row.left.sections, "copy of a plan") if words in printed] == []
    assert printed.count("own copy</small>") == 2 and "It was taken along later" in printed


def test_an_export_of_which_its_release_covers_nothing_comes_back_with_the_reason_and_leaves_no_row(
    client: FlaskClient, case_id: str, house: House, app: Flask
) -> None:
    with app.app_context():
        release_id = builders.add_release(house.therapist, case_id, classes=(ContentClass.SUMMARY,)).id
        assert releases.of_case(case_id)
    form = bodies.by_a_release(release_id=release_id)
    refused = client.post(f"/cases/{case_id}/export/make", data=form)
    assert refused.status_code == 422 and NOTHING_LEFT in refused.text and flaws(refused.text) == []
    with app.app_context():
        assert disclosures.of_case(case_id) == ()


def test_a_case_that_is_not_yours_has_no_releases(house: House, sign_in: SignIn, case_id: str) -> None:
    for actor in (house.peer, house.stranger):
        assert sign_in(actor).get(f"/cases/{case_id}/releases").status_code == 404
    assert sign_in(house.admin).get(f"/cases/{case_id}/releases").status_code == 403


def test_words_that_stay_here_are_shown_before_a_release_is_prepared(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist, legal_name="Zofia Legalname")
    client, path = sign_in(house.therapist), f"/cases/{case.id}/releases/new"
    typed = RELEASE | {"words": "Zofia Legalname wants it", "expires_on": str(clock.now().date() + timedelta(days=9))}
    page = client.post(path, data=typed).text
    assert 'value="words:client-legal-name"' in page and flaws(page) == []
    assert client.post(path, data=typed | {"confirmed": "words:client-legal-name"}).status_code == 303
