"""Forms that stay home are in no stored resource and in no export, and the manifest says so with the reason."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from schemas.instruments import find, newest
from service.casework import instruments, resource_reads
from service.casework.instruments import Attestation
from service.domain.disclosures import to_the_client
from service.fhir import bundle, publish
from service.fhir.importing.form import read_form
from service.store.resources import Search
from tests import builders
from tests.builders import House
from tests.forms import sample_bytes

pytestmark = pytest.mark.usefixtures("context")
HOME: Mapping[str, dict[str, Any]] = {
    "sfs": {"present": "nobody", "B1": True, "B1_note": "Kept here: sfs"},
    "ctl": {"facts": "Kept here: ctl", "channel": "call"},
    "cyl": {"noticed": "Kept here: cyl", "phase": "calm"},
    "spc": {"person": "Kept here: spc", "C1": "usually"},
    "ssr": {"change": "Kept here: ssr", "heard": "1"},
    "sig": {"fear": True, "fear_note": "Kept here: sig"},
}
RGF = {"R1": "repeated", "R1_example": "Kept here: rgf"}
SCREENED = {f"e{number}": "seldom" for number in range(1, 6)}


def exported(house: House) -> tuple[dict[str, Any], Any]:
    case = builders.add_case(house.therapist)
    for key, answers in {**HOME, "rgf": RGF}.items():
        builders.add_intake(house.therapist, case.id, answers, instrument_key=key)
    builders.add_intake(house.therapist, case.id)
    body, manifest = bundle.export(house.therapist, case.id, to_the_client())
    return orjson.loads(body), manifest


def test_each_form_either_goes_out_or_says_why_it_stays() -> None:
    assert {each.key for each in newest() if each.stays_home} == set(HOME)
    assert {each.key for each in newest() if not each.stays_home} == {"wsl", "rgf"}


def test_no_export_holds_a_response_that_stays_home(house: House) -> None:
    found, _manifest = exported(house)
    resources = [entry["resource"] for entry in found["entry"]]
    responses = [each["questionnaire"] for each in resources if each["resourceType"] == "QuestionnaireResponse"]
    assert [each.rpartition("/")[2] for each in sorted(responses)] == ["rgf|1.0.0", "wsl|1.1.0"]
    forms = {each["url"].rpartition("/")[2] for each in resources if each["resourceType"] == "Questionnaire"}
    assert forms == {"rgf", "wsl"}
    assert "Kept here" not in str(found)


def test_the_manifest_names_every_form_that_stays_with_its_reason(house: House) -> None:
    _found, manifest = exported(house)
    left = {each["what"]: each for each in manifest["left_out"]}
    for form in newest():
        assert (form.title in left) is bool(form.stays_home)
        if form.stays_home:
            assert (left[form.title]["count"], left[form.title]["why"]) == (1, form.stays_home)
    assert left["Answers about other people in forms that are sent"]["count"] == 1
    assert {"R", "SDV"} <= set(manifest["labels"])


def test_a_form_without_a_score_gives_a_response_and_no_observations(house: House) -> None:
    found, _manifest = exported(house)
    resources = [entry["resource"] for entry in found["entry"]]
    observed = [each for each in resources if each["resourceType"] == "Observation"]
    assert {each["code"]["coding"][0]["code"].partition("-")[0] for each in observed} == {"wsl"}


def test_what_stays_home_is_not_stored_as_fhir_at_all(house: House) -> None:
    case = builders.add_case(house.therapist)
    for key, answers in HOME.items():
        builders.add_intake(house.therapist, case.id, answers, instrument_key=key)
    publish.catch_up(case.id)
    for kind in ("QuestionnaireResponse", "Observation"):
        wanted = Search(type=kind, case_id=case.id, limit=10)
        assert resource_reads.search_resources(house.therapist, wanted).total == 0
    sources = resource_reads.search_resources(house.therapist, Search(type="Provenance", case_id=case.id, limit=10))
    targets = [each["reference"] for found in sources.found for each in orjson.loads(found.body)["target"]]
    assert targets == [f"EpisodeOfCare/{case.episode.id}"]


def test_an_imported_form_that_stays_home_is_in_no_export_and_the_manifest_counts_it(house: House) -> None:
    key = imported(house, "scored-screener", stays_home=True)
    case = builders.add_case(house.therapist)
    for _ in range(2):
        builders.add_intake(house.therapist, case.id, SCREENED, instrument_key=key)
    body, told = bundle.export(house.therapist, case.id, to_the_client())
    manifest: Any = told
    assert {each["resource"]["resourceType"] for each in orjson.loads(body)["entry"]}.isdisjoint(
        {"QuestionnaireResponse", "Questionnaire", "Observation"}
    )
    left = [(each["count"], each["why"]) for each in manifest["left_out"] if each["what"] == find(key).title]
    assert left == [(2, instruments.STAYS_HOME)]


def test_an_imported_form_that_is_sent_is_not_among_what_was_left_out(house: House) -> None:
    key = imported(house, "scored-screener", stays_home=False)
    case = builders.add_case(house.therapist)
    builders.add_intake(house.therapist, case.id, SCREENED, instrument_key=key)
    told: Any = bundle.export(house.therapist, case.id, to_the_client())
    manifest = told[1]
    assert find(key).title not in [each["what"] for each in manifest["left_out"]]
    assert manifest["counts"]["QuestionnaireResponse"] == 1


def imported(house: House, name: str, *, stays_home: bool) -> str:
    data = sample_bytes(name)
    form = read_form(data, house.practice_id).instrument
    assert form is not None
    attested = Attestation("Pat Doe", stays_home=stays_home)
    return instruments.import_instrument(house.supervisor, form, data, attested).instrument.key
