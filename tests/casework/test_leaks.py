"""What must not leave a case, found before it leaves; what stays here can be taken out and nothing else."""

import base64
from dataclasses import replace
from typing import Any

import orjson
import pytest

from schemas.actions import Action
from schemas.note_codes import NoteStep
from schemas.release_codes import ContentClass, LegalBasis, ReleaseForm
from schemas.vocabulary import Channel, ChannelRule, FieldClass, GoalDomain, PlanType
from service.casework import (
    cases,
    disclosures,
    goals,
    leaks,
    note_leaving,
    notes,
    plans,
    proxies,
    records,
    releases,
    resource_reads,
    walls,
)
from service.casework.copies import CopyWish
from service.casework.goals import GoalDraft
from service.casework.leaks import keep_back, protected_of
from service.casework.plans import PlanDraft
from service.casework.resource_words import narrative, without_protected
from service.domain import clock
from service.domain.cases import ChannelPreference, ContactPreferences, OtherPerson
from service.domain.leaks import Guard, Passage, Protected
from service.domain.notes import Note
from service.domain.plan_types import EVERY_FIELD, FIELDS
from service.domain.protected import of_concern
from service.domain.proxies import Concern
from service.domain.safety import Plan, PlanLine
from service.domain.withholding import WITHHELD
from service.errors import Invalid, NotAllowed, NotFound
from service.fhir import bundle, reading
from service.store import outbox, resources
from service.store.audit import AuditRow
from service.store.base import db
from service.store.resources import Stored
from tests import builders, prepared
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context", "published")
WISH = CopyWish("Notes", "With the recipe books")
SAID = "Harbour Lane 14, ring +353 87 123 4567, ask for Wilhelmina"


def a_plan(house: House, case_id: str, kind: PlanType, **texts: str) -> Plan:
    plan = plans.start_plan(house.therapist, case_id, kind)
    lines = {key: PlanLine(text, EVERY_FIELD[key].field_class is not FieldClass.N) for key, text in texts.items()}
    plan = plans.save_plan(house.therapist, plan.id, PlanDraft(lines), version=plan.version)
    return plans.activate_plan(house.therapist, plan.id, version=plan.version)


@prepared.once
def a_case(house: House) -> str:
    case = builders.add_case(house.therapist, address="3 Willow Court", legal_name="Zofia Legalname")
    phone = ChannelPreference(Channel.PHONE, ChannelRule.OK, "+353 1 555 0100")
    contact = ContactPreferences((phone,), code_word="kingfisher", confirmed_on=clock.now().date())
    case = cases.change_contact(house.therapist, case.id, contact, version=case.version)
    cases.change_other_person(house.therapist, case.id, OtherPerson("Bartholomew"), version=case.version)
    return case.id


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "key"),
    [(kind, each.key) for kind, fields in FIELDS.items() for each in fields if each.field_class is FieldClass.N],
)
def test_what_was_typed_in_any_part_that_stays_here_keeps_a_copy_from_being_made(
    house: House, kind: PlanType, key: str
) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, kind, **{key: SAID})
    urge = (
        a_plan(house, case_id, PlanType.PL_CRISIS, crisis_alone="Walk down harbour lane 14 to the water")
        if (kind is not PlanType.PL_CRISIS)
        else a_plan(house, case_id, PlanType.DAY, day_care="Walk down harbour lane 14 to the water")
    )
    with pytest.raises(Invalid) as caught:
        plans.copy_plan(house.therapist, urge.id, WISH)
    (told,) = caught.value.fields
    assert told.endswith(f":plan-{key}") and caught.value.fields[told].endswith("must be taken out.")
    with pytest.raises(Invalid):
        plans.copy_plan(house.therapist, urge.id, replace(WISH, confirmed=(told,)))


def test_on_a_closed_case_a_find_says_that_it_is_reopened_first(house: House) -> None:
    case_id = a_case(house)
    plan = a_plan(house, case_id, PlanType.DAY, day_care="A walk to 3 willow court, then kingfisher")
    builders.close_case(house.therapist, case_id, version=cases.read_case(house.therapist, case_id).version)
    with pytest.raises(Invalid) as caught:
        plans.copy_plan(house.therapist, plan.id, WISH)
    assert len(caught.value.fields) == 2
    assert all(
        each.endswith("this case is closed: reopen it to change a goal or a plan.")
        for each in caught.value.fields.values()
    )


def test_a_value_of_an_older_version_is_still_looked_for(house: House) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address="", after_routines="Other shops")
    plan = a_plan(house, case_id, PlanType.DAY, day_note="Post for Wilhelmina")
    with pytest.raises(Invalid):
        plans.copy_plan(house.therapist, plan.id, WISH)


@pytest.mark.parametrize(
    ("words", "value", "may"),
    [
        ("Back at 3, Willow court", "client-address", True),
        ("Ring 01 5550100", "contact-phone", True),
        ("The word is Kingfisher", "contact-code-word", False),
        ("Not a word to BARTHOLOMEW", "other-person", True),
        ("Zofia Legalname signs it", "client-legal-name", True),
    ],
)
def test_details_of_the_case_are_found_and_some_can_be_confirmed_by_name(
    house: House, words: str, value: str, may: bool
) -> None:
    plan = a_plan(house, a_case(house), PlanType.DAY, day_note=words)
    with pytest.raises(Invalid) as caught:
        plans.copy_plan(house.therapist, plan.id, WISH)
    confirmed = replace(WISH, confirmed=tuple(caught.value.fields))
    assert list(caught.value.fields) == [f"day_note:{value}"]
    if not may:
        with pytest.raises(Invalid):
            plans.copy_plan(house.therapist, plan.id, confirmed)
        return
    assert plans.copy_plan(house.therapist, plan.id, confirmed).id == plan.id
    told = [each.why for each in db.session.query(AuditRow).filter_by(action=Action.PLAN_COPY, verdict="allowed")]
    assert told == [f"confirmed by name: {value}"]


def test_plain_words_make_a_copy_without_a_question(house: House) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    plan = a_plan(house, case_id, PlanType.DAY, day_note="Ten minutes by the water")
    assert plans.copy_plan(house.therapist, plan.id, WISH).id == plan.id


def test_the_guard_keeps_nothing_of_what_it_looked_for(house: House) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    plan = a_plan(house, case_id, PlanType.DAY, day_note="Harbour Lane 14")
    with pytest.raises(Invalid):
        plans.copy_plan(house.therapist, plan.id, WISH)
    rows = [f"{each.subject} {each.why}" for each in db.session.query(AuditRow)]
    assert not any("harbour" in each.casefold() or "5550100" in each for each in rows)


def test_an_export_takes_out_as_a_whole_what_tells_a_protected_value(house: House) -> None:
    case_id = a_case(house)
    goal = GoalDraft(GoalDomain.PERSONAL, "Sleep", "", "")
    goals.save_goal(house.therapist, case_id, goal)
    builders.add_intake(
        house.therapist,
        case_id,
        builders.wsl_answers(),
    )
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    record = records.read_record(house.therapist, case_id, Action.EXPORT_MAKE)
    kept, told = (
        stored({"item": [{"answer": [{"valueString": "Nothing much"}]}]}),
        stored({"item": [{"answer": [{"valueString": "Moved to harbour lane 14"}]}]}),
    )
    found, left = keep_back(record, [kept, told])
    assert (left, found.held_back) == ((kept,), ("QuestionnaireResponse",))
    _body, manifest = bundle.made_of(found, left)
    assert _told(manifest, "Words that are to stay here") == 1


def test_no_export_of_a_case_goes_past_the_guard(house: House) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    told = builders.wsl_answers(1, I_began="Since the move to HARBOUR lane 14")
    builders.add_intake(house.therapist, case_id, told)
    body, manifest = bundle.export(house.therapist, case_id, None)
    assert b"HARBOUR" not in body
    assert _told(manifest, "Words that are to stay here") == 1
    assert _told(bundle.preview(house.therapist, case_id), "Words that are to stay here") == 1


def test_names_and_numbers_that_leave_on_purpose_are_no_narrative(house: House) -> None:
    body = orjson.dumps(
        {
            "name": [{"text": "Zofia"}],
            "telecom": [{"value": "1"}],
            "id": "x",
            "note": "Said so",
            "text": {"div": "Told"},
        }
    )
    assert narrative(body) == "Said so\nTold"


def test_who_somebody_is_in_a_form_is_protected_too(house: House) -> None:
    case_id = a_case(house)
    builders.add_intake(house.therapist, case_id, {"person": "Wilhelmina", "C1": "usually"}, instrument_key="spc")
    record = records.read_record(house.therapist, case_id)
    (found,) = leaks.find_leaks(record, [Passage("g", "A goal", "Coffee with wilhelmina")])
    assert not found.confirmable
    assert any(each.key == "answer-spc-person" for each in protected_of(record))


def _told(manifest: Any, what: str) -> int:
    return int(next(each["count"] for each in manifest["left_out"] if each["what"] == what))


def stored(content: dict[str, object]) -> Stored:
    body = orjson.dumps({"resourceType": "QuestionnaireResponse", **content})
    return Stored("QuestionnaireResponse", str(len(body)), 1, "c", "p", clock.now(), "", body)


def read_as_text(house: House, document_id: str) -> tuple[str, dict[str, Any]]:
    """The text that a connected system reads, and the DocumentReference beside it."""
    body = orjson.loads(reading.read(house.therapist, "Binary", document_id).body)
    document = orjson.loads(reading.read(house.therapist, "DocumentReference", document_id).body)
    return base64.b64decode(body["data"]).decode(), document["content"][0]["attachment"]


def a_note(house: House, case_id: str, text: str) -> Note:
    session = builders.add_session(house.therapist, case_id)
    return builders.add_note(house.therapist, session.id, text=text, signed=True)


def test_the_text_of_a_signed_note_stays_as_a_whole_when_it_tells_what_stays_here(house: House) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    told, kept = a_note(house, case_id, "Moved to HARBOUR lane 14."), a_note(house, case_id, "Slept better.")
    text, attachment = read_as_text(house, told.id)
    assert (text, attachment["size"]) == (WITHHELD, len(WITHHELD))
    assert read_as_text(house, kept.id)[0] == "Data\nSlept better.\n\nPlan\nContinue."
    (find,) = note_leaving.read_finds(house.therapist, told.id)
    with pytest.raises(Invalid) as caught:
        note_leaving.confirm_finds(house.therapist, told.id, [find.key])
    assert list(caught.value.fields) == [find.key] == [f"{told.id}:plan-after_address"]


def test_what_is_protected_later_is_taken_back_from_texts_that_went_before(house: House) -> None:
    case_id = a_case(house)
    note = a_note(house, case_id, "Moved to Harbour Lane 14.")
    notes.add_addendum(house.therapist, note.id, "Ring 087 123 4567.")
    builders.add_intake(house.therapist, case_id, builders.wsl_answers(1, I_began="Since Harbour Lane 14"))
    assert "Harbour" in read_as_text(house, note.id)[0]
    plan = plans.start_plan(house.therapist, case_id, PlanType.PL_AFTER)
    plans.save_plan(house.therapist, plan.id, PlanDraft({"after_address": PlanLine(SAID)}), version=plan.version)
    assert outbox.waiting(case_id), "it is built for the next reader, not while somebody types"
    assert read_as_text(house, note.id)[0] == WITHHELD
    stored = resources.of_case(case_id)
    texts = [base64.b64decode(orjson.loads(each.body)["data"]).decode() for each in stored if each.type == "Binary"]
    assert texts == [WITHHELD, WITHHELD]
    assert not any(b"Harbour" in each.body for each in stored)
    with pytest.raises(NotFound):
        resource_reads.read_resource(house.therapist, "Binary", note.id, 1)


def test_words_come_back_once_nothing_protects_them_any_more(house: House) -> None:
    case_id = a_case(house)
    note = a_note(house, case_id, "Bartholomew rang twice.")
    assert read_as_text(house, note.id)[0] == WITHHELD
    case = cases.read_case(house.therapist, case_id)
    cases.change_other_person(house.therapist, case_id, OtherPerson(), version=case.version)
    assert "Bartholomew" in read_as_text(house, note.id)[0]


def test_a_note_leaves_with_a_name_that_was_confirmed_and_with_no_other_find(house: House) -> None:
    case_id = a_case(house)
    note = a_note(house, case_id, "Bartholomew rang. The word is Kingfisher.")
    finds = {each.confirmable: each.key for each in note_leaving.read_finds(house.therapist, note.id)}
    with pytest.raises(Invalid) as caught:
        note_leaving.confirm_finds(house.therapist, note.id, list(finds.values()))
    assert list(caught.value.fields) == [finds[False]]
    note = a_note(house, case_id, "Bartholomew rang.")
    (find,) = note_leaving.read_finds(house.therapist, note.id)
    kept = note_leaving.confirm_finds(house.therapist, note.id, [find.key])
    assert (kept.content_hash, kept.trail[-1].step) == (note.content_hash, NoteStep.NAMED)
    assert "Bartholomew" in read_as_text(house, note.id)[0]
    assert b"<p>Bartholomew rang.</p>" in reading.read(house.therapist, "Composition", note.id).body
    assert note_leaving.read_finds(house.therapist, note.id) == ()
    notes.add_addendum(house.therapist, note.id, "Bartholomew rang again.")
    assert "Bartholomew" in read_as_text(house, note.id)[0]
    assert len(note_leaving.read_finds(house.therapist, note.id)) == 1
    with pytest.raises(NotFound):
        note_leaving.confirm_finds(house.peer, note.id, [find.key])


def test_what_was_confirmed_in_a_note_does_not_let_another_name_go(house: House) -> None:
    case_id = a_case(house)
    note = a_note(house, case_id, "Bartholomew rang, and Balthazar.")
    (find,) = note_leaving.read_finds(house.therapist, note.id)
    note_leaving.confirm_finds(house.therapist, note.id, [find.key])
    assert "Balthazar" in read_as_text(house, note.id)[0]
    case = cases.read_case(house.therapist, case_id)
    cases.change_other_person(house.therapist, case_id, OtherPerson("Balthazar"), version=case.version)
    assert read_as_text(house, note.id)[0] == WITHHELD


def test_a_release_is_not_prepared_while_its_words_tell_what_stays_here(house: House) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    with pytest.raises(Invalid) as caught:
        builders.add_release(house.therapist, case_id, words="Post goes to Harbour Lane 14 now")
    assert list(caught.value.fields) == ["words:plan-after_address"]
    draft = releases.ReleaseDraft(
        ReleaseForm.ORDINARY,
        builders.release_terms(words="So that Bartholomew hears nothing"),
        clock.now().date(),
        ("words:other-person",),
    )
    assert releases.prepare_release(house.therapist, case_id, draft).terms.words


def test_the_accounting_shows_what_must_not_be_printed(house: House) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    departure = builders.a_departure(basis=LegalBasis.CLIENT, why="Moved to Harbour Lane 14")
    disclosures.record_disclosure(house.therapist, case_id, departure, (ContentClass.SUMMARY,), "A letter")
    (find,) = disclosures.read_disclosures(house.therapist, case_id).finds
    assert find.words.startswith("Harbour")


def test_who_the_other_person_is_goes_with_no_find_to_a_reader_who_may_not_read_it(house: House) -> None:
    case_id = a_case(house)
    proxies.save_concern(house.therapist, case_id, Concern(names="Corvin Hale", numbers="+353 86 123 4567"), version=0)
    note = a_note(house, case_id, "He (Corvin Hale) rang again from 086 123 4567.")
    departure = builders.a_departure(basis=LegalBasis.CLIENT, why="Corvin asked for it")
    disclosures.record_disclosure(house.therapist, case_id, departure, (ContentClass.SUMMARY,), "A letter")
    terms = builders.release_terms(words="So that Corvin hears nothing")
    words = [Passage("day_note", "Notes", "Corvin")]
    walls.break_glass(house.peer, cases.read_case(house.therapist, case_id).code, "Nobody else could be reached")
    for reader in (house.supervisor, house.peer):
        assert notes.read_note(reader, note.id).id == note.id
        with pytest.raises(NotAllowed):
            proxies.read_proxies(reader, case_id)
        with pytest.raises(NotAllowed):
            note_leaving.read_finds(reader, note.id)
        with pytest.raises(NotAllowed):
            releases.find_in_terms(reader, case_id, terms)
        record = records.read_record(reader, case_id, Action.PLAN_READ)
        assert leaks.shown_leaks(record, words) == () != leaks.find_leaks(record, words)
    seen = disclosures.read_disclosures(house.supervisor, case_id)
    assert (seen.finds, seen.withheld) == ((), True)
    own = disclosures.read_disclosures(house.therapist, case_id)
    assert [each.words for each in own.finds] == ["Corvin"] and not own.withheld
    assert note_leaving.read_finds(house.therapist, note.id)
    assert releases.find_in_terms(house.therapist, case_id, terms)


def test_every_word_of_any_resource_goes_through_the_guard(house: House) -> None:
    guard = Guard([Protected("k", "A place", "Harbour Lane 14")])
    content = {"title": "Harbour lane 14", "name": [{"text": "Harbour Lane 14"}], "code": [{"text": "Walks"}]}
    assert without_protected(content, guard) == {**content, "title": WITHHELD}


@pytest.mark.parametrize(
    "answer",
    [
        {"valueUri": "mailto:tom@mail.example"},
        {"valueInteger": 861234567},
        {"valueDecimal": 861234567.0},
        {"valueQuantity": {"value": 861234567}},
        {"valueQuantity": {"value": 2, "unit": "calls to Corvin Hale"}},
        {"valueCoding": {"code": "Corvin Hale"}},
        {"valueCoding": {"display": "Corvin Hale"}},
        {"valueCodeableConcept": {"coding": [{"system": "s", "code": "Corvin Hale"}], "text": "x"}},
    ],
)
def test_an_answer_that_is_no_text_goes_through_the_guard_too(answer: dict[str, object]) -> None:
    guard = Guard(of_concern(Concern("Corvin Hale", "086 123 4567", "tom@mail.example")))
    response = {"item": [{"linkId": "1", "answer": [answer, {"valueInteger": 12, "item": [{"answer": [answer]}]}]}]}
    held = {"valueString": WITHHELD}
    kept = {"item": [{"linkId": "1", "answer": [held, {"valueInteger": 12, "item": [{"answer": [held]}]}]}]}
    assert without_protected(response, guard) == kept
    assert guard.tells(narrative(orjson.dumps(response))) and not guard.tells(narrative(orjson.dumps(kept)))


def test_who_could_see_it_elsewhere_is_taken_back_from_texts_that_went_before(house: House) -> None:
    case_id = a_case(house)
    named = a_note(house, case_id, "Uma Fernsby rang.")
    reached = a_note(house, case_id, "A call from 086 555 1234.")
    assert "Uma" in read_as_text(house, named.id)[0]
    builders.add_proxy(house.therapist, case_id, numbers="+353 86 555 1234")
    assert {read_as_text(house, each.id)[0] for each in (named, reached)} == {WITHHELD}
    (name,), (number,) = (note_leaving.read_finds(house.therapist, each.id) for each in (named, reached))
    with pytest.raises(Invalid):
        note_leaving.confirm_finds(house.therapist, reached.id, [number.key])
    note_leaving.confirm_finds(house.therapist, named.id, [name.key])
    assert "Uma" in read_as_text(house, named.id)[0]
    assert read_as_text(house, reached.id)[0] == WITHHELD
