"""Codes, times and limits of a form in the client's hands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schemas.instruments import find, newest
from schemas.instruments.capture import CaptureChannel, Interpreter, NonAnswer, PenHolder, Privacy
from schemas.instruments.definition import Informant, Status
from schemas.vocabulary import HandoverState
from service.domain import handovers
from service.domain.handovers import Times
from service.errors import Invalid

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=30)
S = HandoverState


def test_a_code_has_eight_letters_that_nobody_takes_for_another() -> None:
    codes = [handovers.new_code() for _ in range(300)]
    assert all(len(code) == 8 and set(code) <= set(handovers.ALPHABET) for code in codes)
    assert not set("0O1IL2Z5S") & set(handovers.ALPHABET)
    assert len(set(codes)) == 300


@pytest.mark.parametrize("typed", ["abcd efgh", "ABCD-EFGH", " a b c d e f g h ", "abcdefgh"])
def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    assert handovers.folded(typed) == "ABCDEFGH"
    assert handovers.spaced("ABCDEFGH") == "ABCD EFGH"


@pytest.mark.parametrize(
    ("stored", "answered", "at", "wanted"),
    [
        (S.WAITING, 0, LATER - timedelta(seconds=1), S.WAITING),
        (S.WAITING, 0, LATER, S.LAPSED),
        (S.OPEN, 3, LATER - timedelta(seconds=1), S.OPEN),
        (S.OPEN, 3, LATER, S.UNFINISHED),
        (S.OPEN, 0, LATER, S.EMPTY),
        (S.FINISHED, 3, LATER, S.FINISHED),
        (S.UNFINISHED, 3, LATER, S.UNFINISHED),
        (S.CANCELLED, 0, LATER, S.CANCELLED),
    ],
)
def test_the_clock_ends_what_nobody_ended(stored: S, answered: int, at: datetime, wanted: S) -> None:
    assert handovers.state_at(stored, Times(LATER, LATER, answered), at) is wanted


def test_what_a_clinician_asks_is_never_handed_over() -> None:
    handed = {each.key for each in newest() if handovers.may_be_handed_over(each)}
    assert "wsl" in handed
    assert "sfs" not in handed
    wsl = find("wsl")
    assert not handovers.may_be_handed_over(replace(wsl, informant=Informant.CLINICIAN))
    assert not handovers.may_be_handed_over(replace(wsl, status=Status.RETIRED))


@pytest.mark.parametrize("interpreter", [Interpreter.PARTNER, Interpreter.RELATIVE])
def test_nothing_is_handed_over_while_somebody_close_interprets(interpreter: Interpreter) -> None:
    with pytest.raises(Invalid) as refused:
        handovers.capture_for(Privacy.YES, interpreter)
    assert "partner or relative is interpreting" in refused.value.fields["interpreter"]


def test_the_client_answers_on_the_device_of_the_practice() -> None:
    capture = handovers.capture_for(Privacy.YES, Interpreter.PROFESSIONAL)
    assert (capture.channel, capture.held_pen) == (CaptureChannel.CLINIC_DEVICE, PenHolder.CLIENT)


def test_first_time_questions_are_asked_only_where_the_clinician_chose_so() -> None:
    wsl = find("wsl")
    without = {section.key for section in handovers.sections_of(wsl, with_once=False)}
    assert not without & {section.key for section in wsl.once}
    assert handovers.sections_of(wsl, with_once=True) == wsl.sections()


def test_a_page_replaces_what_it_showed_and_nothing_else() -> None:
    stored = {"P1": "1", "P2": "2", "P3": NonAnswer.DECLINED}
    assert handovers.merged(stored, {"P2": "4"}, shown=("P2", "P3")) == {"P1": "1", "P2": "4"}


def test_a_question_left_blank_was_asked_and_got_no_answer() -> None:
    wsl = find("wsl")
    answers = handovers.finished(wsl.domains, {"P1": "3", "E2": NonAnswer.DECLINED})
    assert (answers["P1"], answers["E2"], answers["C5"]) == ("3", NonAnswer.DECLINED, NonAnswer.ASKED_NO)
    assert set(answers) == {item.key for item in wsl.scored_items()}
