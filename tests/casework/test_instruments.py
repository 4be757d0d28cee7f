"""The register: importing with an attestation, versions, retiring, thresholds, and the walls between practices."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from schemas.instruments import find
from schemas.instruments.definition import Informant, Instrument, Status
from schemas.vocabulary import Rhythm
from service.casework import instruments, intakes, schedules
from service.casework.instruments import Attestation, ThresholdDraft
from service.casework.intakes import IntakeDraft
from service.casework.schedules import ScheduleDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.handovers import may_be_handed_over
from service.domain.imported import Attested, Imported, Threshold
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.fhir.importing.form import read_form
from service.store import audit
from service.store import instruments as store
from service.store.base import db
from service.store.instruments import Arrival
from tests import builders
from tests.builders import House
from tests.forms import sample, sample_bytes, to_bytes

pytestmark = pytest.mark.usefixtures("context")
SAID = Attestation("Siobhán Byrne", "Bought for this practice in 2026.")


def bring(actor: Actor, name: str = "scored-screener", **changed: object) -> Imported:
    data = to_bytes(sample(name) | changed) if changed else sample_bytes(name)
    return instruments.import_instrument(actor, form_of(actor, data), data, SAID)


def form_of(actor: Actor, data: bytes) -> Instrument:
    found = read_form(data, actor.practice_id).instrument
    assert found is not None
    return found


def test_an_imported_form_is_found_like_one_of_our_own(house: House) -> None:
    brought = bring(house.supervisor)
    assert brought.instrument.version == "1.0.0"
    assert find(brought.instrument.key) == brought.instrument
    assert find(brought.instrument.key, "1.0.0").fingerprint == brought.instrument.fingerprint
    assert instruments.read_instrument(house.therapist, brought.instrument.key) == brought.instrument


def test_the_original_is_kept_byte_for_byte(house: House) -> None:
    brought = bring(house.admin)
    found = instruments.read_original(house.therapist, brought.instrument.key, "1.0.0")
    assert found == sample_bytes("scored-screener")


def test_who_answers_for_the_licence_is_kept_with_the_words(house: House) -> None:
    brought = bring(house.supervisor)
    assert (brought.attested.name, brought.attested.licence) == (SAID.name, SAID.licence)
    assert brought.instrument.licence == SAID.licence


def test_without_other_words_the_licence_is_what_the_form_says_or_who_attests(house: House) -> None:
    data = sample_bytes("scored-screener")
    said = instruments.import_instrument(house.admin, form_of(house.admin, data), data, Attestation("Marta"))
    assert said.instrument.licence == "Written for tests; free to use."
    silent = to_bytes({key: each for key, each in sample("calculator").items() if key != "copyright"})
    brought = instruments.import_instrument(house.admin, form_of(house.admin, silent), silent, Attestation("Marta"))
    assert brought.instrument.licence == "licence attested by Marta"


def test_an_import_without_a_name_is_refused(house: House) -> None:
    data = sample_bytes("scored-screener")
    with pytest.raises(Invalid) as caught:
        instruments.import_instrument(house.admin, form_of(house.admin, data), data, Attestation(" "))
    assert "attested_by" in caught.value.fields


def test_the_same_form_with_other_content_is_the_next_major_version(house: House) -> None:
    first, second = bring(house.supervisor), bring(house.supervisor, version="3.0", title="Evening strain check, new")
    third = bring(house.supervisor, version="4.0")
    assert [each.instrument.version for each in (first, second, third)] == ["1.0.0", "2.0.0", "3.0.0"]
    assert {first.instrument.key, second.instrument.key, third.instrument.key} == {first.instrument.key}
    assert find(first.instrument.key).version == "3.0.0"
    assert find(first.instrument.key, "1.0.0") == first.instrument


def test_the_very_same_file_is_not_imported_twice(house: House) -> None:
    bring(house.supervisor)
    with pytest.raises(Conflict):
        bring(house.supervisor)


def test_a_therapist_reads_the_register_and_imports_nothing(house: House) -> None:
    with pytest.raises(NotAllowed):
        bring(house.therapist)
    brought = bring(house.supervisor)
    with pytest.raises(NotAllowed):
        instruments.retire(house.therapist, brought.instrument.key, "1.0.0", seen=1)
    assert brought.instrument in instruments.list_instruments(house.therapist)


def test_another_practice_never_sees_the_form(house: House) -> None:
    key = bring(house.supervisor).instrument.key
    elsewhere = replace(house.stranger)
    assert key not in [each.key for each in instruments.list_instruments(elsewhere)]
    with pytest.raises(NotFound):
        instruments.read_instrument(elsewhere, key)
    with pytest.raises(NotFound):
        instruments.read_original(elsewhere, key, "1.0.0")
    with pytest.raises(Invalid):
        instruments.usable(elsewhere, key)


def test_a_retired_form_takes_no_new_answers_and_stays_readable(house: House) -> None:
    brought = bring(house.supervisor)
    case, key = builders.add_case(house.therapist), brought.instrument.key
    answered = intakes.submit_intake(house.therapist, case.id, draft(key)).intake
    retired = instruments.retire(house.admin, key, "1.0.0", seen=brought.version)
    assert retired.status is Status.RETIRED
    with pytest.raises(Invalid):
        intakes.submit_intake(house.therapist, case.id, draft(key))
    assert intakes.read_intake(house.therapist, answered.id).answers["e1"] == "often"
    with pytest.raises(Conflict):
        instruments.retire(house.admin, key, "1.0.0", seen=retired.version)


def test_a_filled_in_form_is_kept_with_its_worked_out_numbers(house: House) -> None:
    key = bring(house.supervisor).instrument.key
    case = builders.add_case(house.therapist)
    found = intakes.submit_intake(house.therapist, case.id, draft(key)).intake
    assert (found.answers["total"], found.answers["band"]) == (10, "upper")


def draft(key: str) -> IntakeDraft:
    return builders.an_intake_draft({f"e{number}": "often" for number in range(1, 6)}, instrument_key=key)


def test_a_published_threshold_stands_beside_a_result_with_its_citation(house: House) -> None:
    brought = bring(house.supervisor)
    attached = instruments.attach_threshold(
        house.supervisor, brought.instrument.key, "1.0.0", ThresholdDraft("total", "4.5", "A. Author, 2020, p. 3")
    )
    assert attached.thresholds == (Threshold("total", Decimal("4.5"), "A. Author, 2020, p. 3"),)
    assert attached.instrument.fingerprint == brought.instrument.fingerprint


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (ThresholdDraft("e1", "4", "Somewhere"), "result"),
        (ThresholdDraft("total", "0", "Somewhere"), "change"),
        (ThresholdDraft("total", "NaN", "Somewhere"), "change"),
        (ThresholdDraft("total", "many", "Somewhere"), "change"),
        (ThresholdDraft("total", "4", " "), "citation"),
    ],
)
def test_a_threshold_without_source_or_number_is_refused(house: House, given: ThresholdDraft, field: str) -> None:
    key = bring(house.supervisor).instrument.key
    with pytest.raises(Invalid) as caught:
        instruments.attach_threshold(house.supervisor, key, "1.0.0", given)
    assert field in caught.value.fields


def test_importing_and_retiring_leave_audit_rows(house: House) -> None:
    brought = bring(house.supervisor)
    instruments.retire(house.supervisor, brought.instrument.key, "1.0.0", seen=1)
    db.session.rollback()
    rows = [each.action for each in audit.recent(house.practice_id, None, 2)]
    assert {str(each) for each in rows} == {"instrument:import", "instrument:retire"}


def test_what_may_be_filled_in_is_our_own_and_the_newest_that_is_not_retired(house: House) -> None:
    first = bring(house.supervisor)
    second = bring(house.supervisor, version="3.0")
    offered = instruments.in_use(house.therapist)
    assert second.instrument in offered
    assert first.instrument not in offered
    instruments.retire(house.supervisor, second.instrument.key, "2.0.0", seen=second.version)
    assert second.instrument.key not in [each.key for each in instruments.in_use(house.therapist)]
    assert second.instrument.key not in [each.key for each in instruments.in_use(house.stranger)]


def test_an_imported_form_is_scheduled_like_one_of_our_own(house: House) -> None:
    key = bring(house.supervisor).instrument.key
    case = builders.add_case(house.therapist)
    assert key in [each.instrument.key for each in schedules.read_schedules(house.therapist, case.id).lines]
    draft = ScheduleDraft(rhythm=Rhythm.OWN, days=14, until=None, why="Agreed together.")
    line = schedules.set_schedule(house.therapist, case.id, key, draft, version=None)
    assert (line.instrument.key, line.schedule.setting.days) == (key, 14)
    with pytest.raises(NotFound):
        schedules.set_schedule(house.stranger, case.id, key, draft, version=None)


def test_who_answers_and_what_stays_here_is_chosen_with_the_attestation_and_part_of_the_fingerprint(
    house: House,
) -> None:
    data = sample_bytes("scored-screener")
    form = form_of(house.admin, data)
    chosen = Attestation("Marta", informant=Informant.CLIENT, stays_home=True)
    brought = instruments.import_instrument(house.admin, form, data, chosen).instrument
    assert (brought.informant, brought.stays_home) == (Informant.CLIENT, instruments.STAYS_HOME)
    assert find(brought.key) == brought
    plain = replace(form, licence=brought.licence)
    assert (plain.informant, plain.stays_home) == (Informant.CLIENT_WITH_CLINICIAN, "")
    both = (replace(plain, stays_home=brought.stays_home), replace(plain, informant=brought.informant))
    assert len({each.fingerprint for each in (brought, plain, *both)}) == 4


def test_only_a_form_for_the_client_alone_can_be_handed_over(house: House) -> None:
    data = sample_bytes("calculator")
    form = form_of(house.admin, data)
    handed = {each for each in Informant if may_be_handed_over(replace(form, informant=each))}
    assert handed == {Informant.CLIENT}


def test_one_version_of_a_form_stands_once_in_a_practice_whatever_another_has(house: House) -> None:
    form = form_of(house.admin, sample_bytes("calculator"))
    arrival = Arrival(form, b"{}", Attested("Marta", clock.now(), "Free"), None)
    store.add(house.practice_id, arrival)
    store.add(house.stranger.practice_id, arrival)
    with pytest.raises(IntegrityError):
        store.add(house.practice_id, arrival)
    db.session.rollback()
