"""The pages of relationship facts and referrals."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.casework import cases, circumstances
from service.domain.actors import Actor
from service.domain.cases import Case
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
TYPED = {"version": "0", "duration": "3_7", "children": "2", "child_ages": ["0_2", "6_11"], "returns": "3"}
TYPED |= {"housing": "no", "workplace": "no", "money": "yes", "pregnancy": "not_asked", "immigration": "declined"}
TYPED |= {"contact_reasons": ["children"], "constraints": ["custody"]}
TYPED |= {"orders.0.type": "protection", "orders.0.status": "in_force", "orders.0.from_on": "2026-01-05"}
TYPED |= {"orders.0.to_on": "", "orders.0.terms": "Keep away from the school", "orders.0.copy_held": "yes"}
TYPED |= {"orders.1.type": "none", "orders.1.status": "applied", "orders.1.from_on": "", "orders.1.to_on": ""}
TYPED |= {"hearings.0.on": "2027-02-01", "hearings.0.about": "Care", "hearings.1.on": "", "hearings.1.about": ""}


@pytest.fixture
def case(app: Flask, house: House) -> Case:
    with app.app_context():
        return builders.add_case(house.therapist)


def test_facts_are_kept_told_and_offer_the_questions(app: Flask, house: House, case: Case, sign_in: SignIn) -> None:
    client, url = sign_in(house.therapist), f"/cases/{case.id}/relationship"
    assert "Nothing is written down yet." in client.get(url).text
    assert client.post(f"{url}/change", data=TYPED).status_code == 303
    html = client.get(url).text
    for words in (
        "Keep away from the school",
        "a legal order, a court date",
        "practical barriers",
        "2 (Under 3, 6 to 11)",
    ):
        assert words in html
    assert flaws(html) == []
    assert flaws(client.get(f"{url}/change").text) == []
    stale = client.post(f"{url}/change", data=TYPED)
    assert stale.status_code == 409
    with app.app_context():
        facts = circumstances.read_circumstances(house.therapist, case.id).now.facts
    assert (len(facts.orders), len(facts.hearings), facts.returns) == (1, 1, 3)


def test_a_date_that_cannot_be_is_named_and_the_typing_kept(house: House, case: Case, sign_in: SignIn) -> None:
    typed = TYPED | {"orders.0.to_on": "2025-01-05"}
    answer = sign_in(house.therapist).post(f"/cases/{case.id}/relationship/change", data=typed)
    assert answer.status_code == 422
    assert "The last day is before the first." in answer.text
    assert "Keep away from the school" in answer.text


def test_a_supervisor_reads_the_facts_and_changes_none(house: House, case: Case, sign_in: SignIn) -> None:
    supervisor = sign_in(house.supervisor)
    html = supervisor.get(f"/cases/{case.id}/relationship").text
    assert "Write down the facts" not in html
    assert supervisor.post(f"/cases/{case.id}/relationship/change", data=TYPED).status_code == 403


def test_a_referral_is_added_and_changed(house: House, case: Case, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    typed = {"direction": "to_us", "kind": "primary_care", "received_on": "2026-03-01", "reason": "Cannot sleep"}
    assert client.post(f"/cases/{case.id}/referrals/new", data=typed | {"kind": ""}).status_code == 422
    assert client.post(f"/cases/{case.id}/referrals/new", data=typed).status_code == 303
    html = client.get(f"/cases/{case.id}/details").text
    assert "Cannot sleep" in html
    url = html.split("/referrals/")[-1].split('"')[0]
    page = client.get(f"/cases/{case.id}/referrals/{url}")
    assert flaws(page.text) == []
    typed |= {"version": "1", "decision": "accepted", "decided_on": "2026-03-03", "source": "Dr Ó Briain", "note": ""}
    typed |= {"urgency": "soon"}
    assert client.post(f"/cases/{case.id}/referrals/{url}", data=typed).status_code == 303
    assert client.get(f"/cases/{case.id}/referrals/00000000-0000-4000-8000-00000000dead").status_code == 404


def test_ideas_about_the_bond_stand_beside_their_wording_rule(
    app: Flask, house: House, case: Case, sign_in: SignIn
) -> None:
    client, url = sign_in(house.therapist), f"/cases/{case.id}/presentation"
    assert "What causes that is contested" in client.get(url).text
    typed = dict.fromkeys(("concerns", "functional_summary", "co_occurring_care", "medication", "strengths"), "Kept")
    typed |= {"contact_context": "on_off", "formulation": "Kindness came when least expected", "version": "1"}
    listed = {"main_concerns": ["sleep", "pull"], "factors": ["intermittent", "ambivalence"]}
    assert client.post(url, data=typed | listed).status_code == 303
    html = client.get(f"/cases/{case.id}/details").text
    assert "Harm mixed unpredictably with kindness, Knowing and hoping at once" in html
    with app.app_context():
        version = cases.read_case(house.therapist, case.id).version
    assert client.post(url, data=typed | {"version": str(version)}).status_code == 303
    assert "Knowing and hoping at once" not in client.get(f"/cases/{case.id}/details").text
