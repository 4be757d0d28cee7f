"""What may leave on which ground, and the accounting."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from schemas.release_codes import ContentClass, Door, LegalBasis, ReleasePurpose, ReleaseStatus, SendRoute
from service.domain.disclosures import Departure, Disclosure, Left, Papers, faults, to_the_client, within
from tests.builders import a_departure
from tests.domain.test_releases import TODAY, release

C = ContentClass


def row(number: int, on: date, corrects: str | None = None) -> Disclosure:
    at = datetime(on.year, on.month, on.day, 12, number, tzinfo=UTC)
    left = Left(Door.OTHER, (C.ATTENDANCE,), ("Dates",))
    return Disclosure(f"d{number}", "c", at, left, to_the_client(), "a", "Ana", corrects)


def test_a_release_carries_its_own_recipient_and_classes_only() -> None:
    by_release = a_departure(release_id="r")
    assert faults(by_release, (C.ATTENDANCE,), Papers(release()), TODAY) == {}
    assert list(faults(by_release, (C.NOTES,), Papers(release()), TODAY)) == ["release_id"]
    assert list(faults(by_release, (C.ATTENDANCE,), Papers(), TODAY)) == ["release_id"]
    assert list(faults(by_release, (C.ATTENDANCE,), Papers(release(ReleaseStatus.REVOKED)), TODAY)) == ["release_id"]
    assert list(faults(replace(by_release, recipient="A lawyer"), (C.ATTENDANCE,), Papers(release()), TODAY)) == [
        "recipient"
    ]


@pytest.mark.parametrize(
    ("field", "other"),
    [("purpose", ReleasePurpose.TREATMENT), ("route", SendRoute.EMAIL), ("address", "elsewhere@mail.example")],
)
def test_what_leaves_by_a_release_leaves_for_its_purpose_its_way_and_to_its_address(field: str, other: object) -> None:
    sent = a_departure(release_id="r", address="12 Quay Street,\nHarbour")
    found = release()
    papers = Papers(replace(found, terms=replace(found.terms, address="12 Quay Street, Harbour")))
    assert faults(sent, (C.ATTENDANCE,), papers, TODAY) == {}
    assert faults(replace(sent, address=""), (C.ATTENDANCE,), papers, TODAY) == {}
    assert list(faults(replace(sent, **{field: other}), (C.ATTENDANCE,), papers, TODAY)) == [field]  # type: ignore[arg-type]


@pytest.mark.parametrize(("sent", "same"), [(" Anne@x.example", True), ("ann.e@x.example", False)])
def test_mailboxes_are_compared_to_the_letter(sent: str, same: bool) -> None:
    papers = Papers(replace(release(), terms=replace(release().terms, address="anne@x.example")))
    assert (faults(a_departure(release_id="r", address=sent), (C.ATTENDANCE,), papers, TODAY) == {}) is same


def test_a_report_for_a_court_is_cosigned_whatever_purpose_was_typed() -> None:
    terms = replace(release().terms, purpose=ReleasePurpose.LEGAL)
    papers = Papers(replace(release(), terms=terms))
    sent = a_departure(release_id="r")
    assert list(faults(sent, (C.SUMMARY,), papers, TODAY)) == ["purpose"]
    assert list(faults(replace(sent, purpose=ReleasePurpose.LEGAL), (C.SUMMARY,), papers, TODAY)) == ["request_id"]


@pytest.mark.parametrize("basis", [each for each in LegalBasis if each is not LegalBasis.RELEASE])
def test_psychotherapy_notes_leave_by_no_other_ground_than_their_release(basis: LegalBasis) -> None:
    given = a_departure(basis=basis, why="Said", request_id="q")
    assert "basis" in faults(given, (C.PSYCHOTHERAPY,), Papers(), TODAY)


@pytest.mark.parametrize(
    ("basis", "field"),
    [
        (LegalBasis.ORDER, "request_id"),
        (LegalBasis.ACCESS, "request_id"),
        (LegalBasis.TREATMENT, "why"),
        (LegalBasis.DUTY, "why"),
    ],
)
def test_a_ground_without_its_paper_or_its_reason_carries_nothing(basis: LegalBasis, field: str) -> None:
    assert list(faults(a_departure(basis=basis), (C.ATTENDANCE,), Papers(), TODAY)) == [field]


def test_somebody_receives_it() -> None:
    empty = Departure(" ", LegalBasis.CLIENT, to_the_client().purpose, to_the_client().route)
    assert list(faults(empty, (C.CARE,), Papers(), TODAY)) == ["recipient"]


def test_the_accounting_looks_back_six_years_and_puts_corrections_beneath() -> None:
    rows = [row(1, date(2020, 5, 4)), row(2, date(2020, 5, 3)), row(3, date(2026, 1, 2)), row(4, TODAY, corrects="d3")]
    found = within(rows, TODAY)
    assert [each.disclosure.id for each in found] == ["d3", "d1"]
    assert [[line.id for line in each.corrections] for each in found] == [["d4"], []]
    assert within(rows, date(2028, 2, 29))[-1].disclosure.id == "d3"
