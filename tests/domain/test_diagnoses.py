"""What may be written down as a diagnosis, and which codes tell why somebody is here."""

from datetime import date

import pytest

from schemas.diagnosis_codes import ON_CLAIMS, SAYS_NO_CAUSE, TELLS_CAUSE, DiagnosisCode
from service.domain.diagnoses import NOT_A_DIAGNOSIS, NOT_OF_THEM, Assessed, check_assessed, tidied
from service.errors import Invalid

TODAY = date(2026, 3, 1)
# domain.md 7.1, each code that tells of abuse or of the relationship.
TELLING = ["Z69.11", "Z91.410", "Z91.411", "Z91.413", "Z91.414", "Z63.0", "Z63.5", "Z65.3"]
TELLING += [f"T74.{kind}{stage}" for kind in ("11X", "21X", "31X", "A1X") for stage in "ADS"]
SAYING_NONE = ["F43.10", "F43.11", "F43.12", "F43.20", "F43.21", "F43.22", "F43.23", "F43.24", "F43.25", "F43.81"]
SAYING_NONE += ["F32.A", "F41.1", "F51.02", "F51.05"]


def wrong_in(**given: object) -> dict[str, str]:
    draft = tidied(Assessed(**given))  # type: ignore[arg-type]
    try:
        check_assessed(draft, TODAY)
    except Invalid as error:
        return dict(error.fields)
    return {}


def test_the_list_is_the_verified_one_and_no_other() -> None:
    assert sorted(DiagnosisCode) == sorted((*TELLING, *SAYING_NONE))
    assert sorted(SAYS_NO_CAUSE) == sorted(SAYING_NONE)
    assert sorted(TELLS_CAUSE) == sorted(TELLING)
    assert {each for each in TELLING if each.startswith("T74")} == ON_CLAIMS


@pytest.mark.parametrize("code", TELLING)
def test_each_telling_code_is_known_as_one(code: str) -> None:
    assert Assessed(DiagnosisCode(code)).tells_cause


@pytest.mark.parametrize("code", SAYING_NONE)
def test_a_complaint_tells_no_cause(code: str) -> None:
    assert not Assessed(DiagnosisCode(code)).tells_cause


def test_of_words_and_unverified_codes_nobody_can_be_sure() -> None:
    assert Assessed(words="Low mood").tells_cause
    assert Assessed(words="Low mood", other_code="F60.9").tells_cause


@pytest.mark.parametrize(
    "words", ["Trauma bond", "trauma-bonding", "TRAUMATIC BOND", "ｔｒａｕｍａ bond", "trauma\u00a0bond"]
)
def test_a_trauma_bond_is_no_diagnosis_with_and_without_a_code(words: str) -> None:
    assert wrong_in(words=words) == {"words": NOT_A_DIAGNOSIS}
    assert wrong_in(code=DiagnosisCode.PTSD, words=words) == {"words": NOT_A_DIAGNOSIS}


@pytest.mark.parametrize("code", ["Y07.03", "y07.0", " Y07.01 ", "Y07", "Y07.9", "Y 07.03", "Y0703"])
def test_codes_of_whoever_did_the_harm_are_refused(code: str) -> None:
    assert wrong_in(words="Something", other_code=code) == {"other_code": NOT_OF_THEM}
    assert wrong_in(words=f"Something, {code.strip()}") == {"words": NOT_OF_THEM}


def test_a_code_of_the_list_is_chosen_there_and_another_needs_words() -> None:
    assert list(wrong_in(words="Low", other_code="f43.10")) == ["other_code"]
    assert list(wrong_in(other_code="F60.9")) == ["words"]
    assert list(wrong_in(words="Low", other_code="not a code")) == ["other_code"]
    assert list(wrong_in(code=DiagnosisCode.PTSD, other_code="F60.9")) == ["other_code"]
    assert wrong_in(words="Low", other_code="f60.9") == {}
    assert list(wrong_in()) == ["words"]


@pytest.mark.parametrize("onset", ["", "2024", "2024-05", "2024-05-17", "2026-03-01"])
def test_an_onset_is_a_year_a_month_or_a_day(onset: str) -> None:
    assert wrong_in(code=DiagnosisCode.PTSD, onset=onset) == {}


@pytest.mark.parametrize("onset", ["24", "2024-13", "2023-02-29", "1.5.2024", "2026-03-02", "2027", "0001", "٢٠٢٤"])
def test_another_onset_is_refused_at_its_field(onset: str) -> None:
    assert list(wrong_in(code=DiagnosisCode.PTSD, onset=onset)) == ["onset"]
