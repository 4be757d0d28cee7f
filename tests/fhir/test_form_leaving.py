"""Answers of a form that tell a protected value: found, shown, and gone only where they were confirmed by name."""

from collections.abc import Callable
from datetime import timedelta

import orjson
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from schemas.actions import Action
from schemas.instruments.answer import Answers
from schemas.vocabulary import PlanType
from service.casework import cases as cases_of
from service.casework import form_leaving, intakes, leak_verdicts, proxies, records
from service.casework.leaks import keep_back
from service.casework.resource_words import narrative
from service.domain import clock
from service.domain.cases import OtherPerson
from service.domain.leaks import Guard, Protected
from service.domain.proxies import Concern
from service.domain.withholding import WITHHELD, passages_of_form
from service.errors import NotAllowed, NotFound
from service.fhir import bundle, publish, reading
from service.fhir.questionnaire_items import WHY_EMPTY
from service.fhir.questionnaire_response import response_items
from service.store import cases, resources
from service.store.audit import AuditRow
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.casework.test_leaks import SAID, a_case, a_plan
from tests.fhir.records import AT, WSL, an_intake
from tests.fhir.test_questionnaire_response import SLOW
from tests.imported import EVERY_KIND
from tests.instruments import answers_to

FORMS = {"imported": EVERY_KIND, "our own": WSL}


def filled_in(name: str) -> st.SearchStrategy[tuple[str, Answers]]:
    return st.tuples(st.just(name), answers_to(FORMS[name]))


@SLOW
@given(filled_in("imported") | filled_in("our own"))
def test_what_a_response_tells_is_shown_beforehand(form: tuple[str, Answers]) -> None:
    """Whatever the guard finds in the words of a response, it finds in what is shown of the form."""
    instrument, answers = FORMS[form[0]], form[1]
    items = response_items(instrument, answers, None, AT)
    shown = list(passages_of_form(an_intake(answers), instrument))
    lines = [each for each in narrative(orjson.dumps({"item": items}, default=str)).splitlines() if each.strip()]
    for line in dict.fromkeys(each for each in lines if each != WHY_EMPTY):
        guard = Guard([Protected("value", "A value", line, confirmable=True, is_name=True)])
        assert guard.leaks(shown) or not guard.tells(line), line


@pytest.fixture
def case_id(context: None, house: House) -> str:
    return a_case(house)


def told(house: House, case_id: str, **answers: str) -> str:
    return builders.add_intake(house.therapist, case_id, builders.wsl_answers(1, **answers)).intake.id


def response(house: House, intake_id: str) -> str:
    return reading.read(house.therapist, "QuestionnaireResponse", intake_id).body.decode()


def exported(house: House, case_id: str) -> str:
    """What an export by hand holds, and what a bulk export would, which must be the same in this."""
    body = bundle.export(house.therapist, case_id, None)[0].decode()
    row = cases.row(case_id)
    assert row is not None
    lines = leak_verdicts.lines_that_may_go(row, resources.lines_of_case(case_id, None))
    db.session.commit()
    in_bulk = b"\n".join(each.body for each in lines).decode()
    assert ("Bartholomew" in body) == ("Bartholomew" in in_bulk)
    return body


def confirm(house: House, intake_id: str, wanted: Callable[[str], bool] = bool) -> None:
    keys = [each.key for each in form_leaving.read_form_finds(house.therapist, intake_id) if wanted(each.key)]
    form_leaving.confirm_form_finds(house.therapist, intake_id, keys)


def test_an_answer_leaves_with_a_name_that_was_confirmed_and_is_taken_back(house: House, case_id: str) -> None:
    intake_id = told(house, case_id, I_began="Since Bartholomew moved in")
    assert WITHHELD in response(house, intake_id) and "Bartholomew" not in exported(house, case_id)
    (find,) = form_leaving.read_form_finds(house.therapist, intake_id)
    assert (find.key, find.confirmable) == (f"{intake_id}.I_began:other-person", True)
    confirm(house, intake_id)
    assert "Since Bartholomew moved in" in response(house, intake_id)
    assert "Since Bartholomew moved in" in exported(house, case_id)
    form_leaving.confirm_form_finds(house.therapist, intake_id, [])
    assert "Bartholomew" not in response(house, intake_id) + exported(house, case_id)
    assert [each.version for each in resources.of_case(case_id) if each.id == intake_id] == [1, 3]
    with pytest.raises(NotFound):
        reading.read(house.therapist, "QuestionnaireResponse", intake_id, 2)


def test_what_stays_here_cannot_be_confirmed_and_keeps_its_own_answer_alone(house: House, case_id: str) -> None:
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    intake_id = told(house, case_id, I_began="Since Bartholomew", I_sleep="Badly in Harbour Lane 14", I_appetite="Well")
    assert [each.confirmable for each in form_leaving.read_form_finds(house.therapist, intake_id)] == [True, False]
    confirm(house, intake_id)
    assert intakes.read_intake(house.therapist, intake_id).named == {f"{intake_id}.I_began:other-person=bartholomew"}
    body = response(house, intake_id)
    assert "Since Bartholomew" in body and '"Well"' in body
    assert WITHHELD in body and "Harbour" not in body
    assert "Harbour" not in exported(house, case_id)


def test_a_detail_goes_only_where_it_is_ticked_everywhere_in_the_form(house: House, case_id: str) -> None:
    intake_id = told(house, case_id, I_began="Since Bartholomew", I_sleep="Bartholomew snores")
    confirm(house, intake_id, lambda key: "I_began" in key)
    assert "Bartholomew" not in response(house, intake_id)
    confirm(house, intake_id)
    assert response(house, intake_id).count("Bartholomew") == 2


def test_a_confirmation_holds_for_one_form_and_for_one_value(house: House, case_id: str) -> None:
    first, second = (told(house, case_id, I_began="Since Bartholomew") for _ in range(2))
    confirm(house, first)
    assert "Bartholomew" in response(house, first) and "Bartholomew" not in response(house, second)
    row = records.read_record(house.therapist, case_id, Action.EXPORT_MAKE)
    stored = [each for each in resources.of_case(case_id) if each.type == "QuestionnaireResponse"]
    moved = [each for each in stored if each.id == first]
    assert keep_back(row, moved)[1] == tuple(moved)
    builders.add_proxy(house.therapist, case_id, name="Since Bartholomew")
    assert "Bartholomew" not in response(house, first) + exported(house, case_id)


def test_a_confirmation_that_was_taken_back_holds_no_longer_even_before_the_form_is_built_anew(
    house: House, case_id: str
) -> None:
    intake_id = told(house, case_id, I_began="Since Bartholomew")
    confirm(house, intake_id)
    assert "Bartholomew" in response(house, intake_id) + exported(house, case_id)
    form_leaving.confirm_form_finds(house.therapist, intake_id, [])
    row = cases.row(case_id)
    assert row is not None
    lines = leak_verdicts.lines_that_may_go(row, resources.lines_of_case(case_id, None))
    db.session.commit()
    assert not any(b"Bartholomew" in each.body for each in lines)


def test_a_confirmation_does_not_hold_for_another_name_in_the_same_place(house: House, case_id: str) -> None:
    intake_id = told(house, case_id, I_began="Since Bartholomew and Balthazar")
    confirm(house, intake_id)
    assert "Balthazar" in response(house, intake_id)
    case = cases_of.read_case(house.therapist, case_id)
    cases_of.change_other_person(house.therapist, case_id, OtherPerson("Balthazar"), version=case.version)
    assert "Balthazar" not in response(house, intake_id)
    (find,) = form_leaving.read_form_finds(house.therapist, intake_id)
    assert find.words == "Balthazar" and find.key.endswith(":other-person")
    confirm(house, intake_id)
    assert "Balthazar" in response(house, intake_id)


def test_who_stands_there_twice_is_confirmed_once(house: House, case_id: str) -> None:
    builders.add_proxy(house.therapist, case_id, name="Bartholomew")
    proxies.save_concern(house.therapist, case_id, Concern("Bartholomew"), version=0)
    intake_id = told(house, case_id, I_began="Since Bartholomew moved in")
    confirm(house, intake_id)
    assert "Since Bartholomew moved in" in response(house, intake_id)


def test_a_correction_begins_without_what_was_confirmed_before(house: House, case_id: str) -> None:
    intake_id = told(house, case_id, I_began="Since Bartholomew")
    confirm(house, intake_id)
    draft = builders.an_intake_draft(builders.wsl_answers(1, I_began="Bartholomew, since May"))
    kept = intakes.amend_intake(house.therapist, intake_id, draft, reason="Misheard").intake
    assert kept.named == frozenset() and "May" not in response(house, kept.id)


def test_who_asks_for_changes_alone_hears_of_it(house: House, case_id: str) -> None:
    intake_id = told(house, case_id, I_began="Since Bartholomew")
    response(house, intake_id)
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        confirm(house, intake_id)
        publish.drain()
        found = {each.type: each for each in resources.of_case(case_id) if each.id == intake_id}
        assert found["QuestionnaireResponse"].updated_at == clock.now()
        recorded = orjson.loads(found["Provenance"].body)["recorded"]
    assert recorded < found["QuestionnaireResponse"].updated_at.isoformat(), "it was written down when it was"


def test_only_who_holds_the_case_is_asked_and_the_audit_names_no_content(house: House, case_id: str) -> None:
    intake_id = told(house, case_id, I_began="Since Bartholomew")
    key = f"{intake_id}.I_began:other-person"
    for other, error in ((house.supervisor, NotAllowed), (house.admin, NotFound), (house.peer, NotFound)):
        with pytest.raises((error, NotAllowed)):
            form_leaving.read_form_finds(other, intake_id)
        with pytest.raises((error, NotAllowed)):
            form_leaving.confirm_form_finds(other, intake_id, [key])
    confirm(house, intake_id)
    rows = db.session.query(AuditRow).filter_by(action=Action.FINDS_CONFIRM)
    assert [each.why for each in rows if each.why.startswith("confirmed")] == ["confirmed by name: other-person"]


@pytest.mark.parametrize(
    ("instrument_key", "answers"),
    [("sig", {"life": True, "life_note": "Bartholomew"}), ("rgf", {"R1": "once", "R1_example": "Bartholomew"})],
    ids=["the whole form", "one question"],
)
def test_what_stays_home_anyway_is_not_asked_about(
    house: House, case_id: str, instrument_key: str, answers: Answers
) -> None:
    made = builders.add_intake(house.therapist, case_id, answers, instrument_key=instrument_key)
    assert form_leaving.read_form_finds(house.therapist, made.intake.id) == ()
