"""Releases: what may be prepared, what must be said, and what a release carries, by hand and by machine."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from schemas.release_codes import (
    ConsentAnswer,
    ConsentKind,
    ContentClass,
    ReleaseForm,
    ReleasePurpose,
    ReleaseState,
    ReleaseStatus,
    ReleaseStep,
    SaidHow,
    SendRoute,
)
from service.domain.releases import (
    LONGEST,
    Consent,
    Discussed,
    Release,
    ReleaseTerms,
    after,
    can_be_said,
    faults,
    left_unsaid,
    standing,
    why_not,
)

TODAY = date(2026, 5, 4)
AT = datetime(2026, 5, 4, 9, tzinfo=UTC)
C, F = ContentClass, ReleaseForm


def terms(*classes: ContentClass, recipient: str = "Harbour Clinic") -> ReleaseTerms:
    return ReleaseTerms(recipient, classes or (C.ATTENDANCE,), ReleasePurpose.COORDINATION, SendRoute.POST)


def release(status: ReleaseStatus = ReleaseStatus.SIGNED, *, days: int = 30) -> Release:
    last = TODAY + timedelta(days=days)
    return Release("r", "c", F.ORDINARY, status, terms(C.ATTENDANCE, C.SUMMARY), last, "a", "Ana", AT, 1, AT)


def consent(answer: ConsentAnswer, on: date, hour: int = 9) -> Consent:
    at = datetime(2026, 5, 4, hour, tzinfo=UTC)
    return Consent(f"{on}{hour}", "c", ConsentKind.RECORDING, answer, on, SaidHow.VERBAL, "", "Ana", at)


@pytest.mark.parametrize(
    ("form", "given", "days", "field"),
    [
        (F.ORDINARY, terms(recipient=" "), 30, "recipient"),
        (F.ORDINARY, terms(recipient="Harbour Clinic; North House"), 30, "recipient"),
        (F.ORDINARY, terms(C.ATTENDANCE, C.PSYCHOTHERAPY), 30, "classes"),
        (F.PSYCHOTHERAPY, terms(C.PSYCHOTHERAPY, C.ATTENDANCE), 30, "classes"),
        (F.PSYCHOTHERAPY, terms(C.ATTENDANCE), 30, "classes"),
        (F.ORDINARY, terms(), -1, "expires_on"),
        (F.ORDINARY, terms(), LONGEST.days + 1, "expires_on"),
    ],
)
def test_a_release_names_one_recipient_its_classes_and_a_last_day(
    form: ReleaseForm, given: ReleaseTerms, days: int, field: str
) -> None:
    assert list(faults(form, given, TODAY + timedelta(days=days), TODAY)) == [field]


def test_both_forms_can_be_prepared() -> None:
    assert faults(F.ORDINARY, terms(), TODAY, TODAY) == {}
    assert faults(F.PSYCHOTHERAPY, terms(C.PSYCHOTHERAPY), TODAY + LONGEST, TODAY) == {}


@pytest.mark.parametrize("missing", ["redisclosure", "other_ways", "no_condition"])
def test_each_of_the_three_things_must_be_said(missing: str) -> None:
    said = dict.fromkeys(("redisclosure", "other_ways", "no_condition"), True)
    assert left_unsaid(Discussed(**said)) == {}
    assert list(left_unsaid(Discussed(**(said | {missing: False})))) == [missing]


def test_a_release_carries_what_it_names_through_its_last_day() -> None:
    assert why_not(release(days=0), [C.ATTENDANCE], TODAY) == ""
    assert "run out" in why_not(release(days=0), [C.ATTENDANCE], TODAY + timedelta(days=1))
    assert "does not cover" in why_not(release(), [C.ATTENDANCE, C.NOTES], TODAY)


@pytest.mark.parametrize("status", [ReleaseStatus.DRAFT, ReleaseStatus.REVOKED, ReleaseStatus.DROPPED])
def test_nothing_leaves_by_a_release_that_is_not_signed(status: ReleaseStatus) -> None:
    assert "not in force" in why_not(release(status), [C.ATTENDANCE], TODAY)


def test_the_latest_answer_stands_and_only_what_was_given_is_withdrawn() -> None:
    given, withdrawn = consent(ConsentAnswer.GIVEN, TODAY), consent(ConsentAnswer.WITHDRAWN, TODAY, hour=11)
    assert standing([withdrawn, given])[ConsentKind.RECORDING] is withdrawn
    assert can_be_said(ConsentKind.RECORDING, ConsentAnswer.WITHDRAWN, standing([given]))
    assert not can_be_said(ConsentKind.RECORDING, ConsentAnswer.WITHDRAWN, standing([given, withdrawn]))
    assert not can_be_said(ConsentKind.MESSAGING, ConsentAnswer.WITHDRAWN, standing([given]))


class Life(RuleBasedStateMachine):
    """A release over days and steps in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.status, self.today, self.ended = ReleaseStatus.DRAFT, TODAY, False

    @rule(step=st.sampled_from(list(ReleaseStep)))
    def take(self, step: ReleaseStep) -> None:
        self.status = after(self.status, step) or self.status
        self.ended = self.ended or self.status in (ReleaseStatus.REVOKED, ReleaseStatus.DROPPED)

    @rule(days=st.integers(0, 20))
    def wait(self, days: int) -> None:
        self.today += timedelta(days=days)

    @invariant()
    def only_a_signed_one_in_its_time_carries_anything(self) -> None:
        carries = why_not(release(self.status), [C.ATTENDANCE], self.today) == ""
        in_time = self.today <= TODAY + timedelta(days=30)
        assert carries == (self.status is ReleaseStatus.SIGNED and in_time)

    @invariant()
    def what_ended_stays_ended(self) -> None:
        if self.ended:
            assert release(self.status).state(self.today) in (ReleaseState.REVOKED, ReleaseState.DROPPED)


TestLife = Life.TestCase
