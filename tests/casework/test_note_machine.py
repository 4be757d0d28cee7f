"""Whatever is done to a note, in whatever order: what was signed stays, what follows is only added, and a question has
one answer.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from schemas.note_codes import NoteStep
from schemas.vocabulary import NoteFormat, NoteStatus
from service.casework import note_life, notes, people
from service.domain import clock
from service.domain.note_life import ANSWERS, cosign_hash, cosigned, waiting
from service.domain.notes import Note, content_hash
from service.errors import Conflict, StepwellError
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
WORDS = st.text("abc é\n", min_size=1, max_size=30).filter(str.strip)
WHY = "Long enough to be a reason."


class Life(RuleBasedStateMachine):
    """One note of a therapist who is cosigned, with everything that therapist, supervisor and client can do."""

    house: House
    signatures = 0

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.signed: Note | None = None
        self.addenda: list[tuple[str, str]] = []
        self.rows: list[str] = []

    @initialize(is_cosigned=st.booleans(), starts_signed=st.sampled_from([True, False]))
    def begin(self, is_cosigned: bool, starts_signed: bool) -> None:
        house = self.house
        who = house.supervisor.user_id, house.therapist.user_id, clock.now().date()
        people.supervise(house.admin, *who, cosigns=is_cosigned)
        self.case_id = builders.add_case(house.therapist).id
        session = builders.add_session(house.therapist, self.case_id)
        note = notes.save_note(house.therapist, session.id, NoteFormat.FREE, {}, version=None)
        self.session_id, self.note_id = session.id, note.id
        if starts_signed:  # or twelve runs with a fixed seed may never come to a signature
            self.save("abc")
            self.sign()

    def now(self) -> Note:
        return note_life.read_hidden(self.house.therapist, self.note_id)

    def does(self, act: Callable[[], object]) -> bool:
        """Whether it was taken; a refusal changes nothing, which the invariants see."""
        try:
            act()
        except StepwellError:
            return False
        return True

    @rule(text=WORDS)
    def save(self, text: str) -> None:
        note = self.now()
        taken = self.does(
            lambda: notes.save_note(
                self.house.therapist, self.session_id, NoteFormat.FREE, {"text": text}, version=note.version
            )
        )
        assert taken == (self.signed is None)
        self.text = text if taken else self.text

    @rule(text=WORDS)
    def save_what_is_stale(self, text: str) -> None:
        with pytest.raises(Conflict):
            notes.save_note(self.house.therapist, self.session_id, NoteFormat.FREE, {"text": text}, version=10_000)

    @rule()
    def sign(self) -> None:
        note = self.now()
        if self.does(lambda: notes.sign_note(self.house.therapist, self.note_id, version=note.version)):
            assert self.signed is None
            Life.signatures += 1
            self.signed = self.now()
            assert self.signed.sections == {"text": self.text}

    @rule(text=WORDS)
    def add(self, text: str) -> None:
        if self.does(lambda: notes.add_addendum(self.house.therapist, self.note_id, text)):
            self.addenda.append((self.now().addenda[-1].id, text))

    @rule(by_supervisor=st.booleans())
    def cosign(self, by_supervisor: bool) -> None:
        note = self.now()
        who = self.house.supervisor if by_supervisor else self.house.therapist
        waits = self.signed is not None and not note.wrong and waiting(note.trail, NoteStep.COSIGN_ASKED) is not None
        taken = self.does(lambda: note_life.cosign_note(who, self.note_id, version=note.version))
        assert taken == (by_supervisor and waits)

    @rule()
    def send_back(self) -> None:
        note = self.now()
        self.does(lambda: note_life.return_note(self.house.supervisor, self.note_id, WHY, version=note.version))

    @rule()
    def say_error(self) -> None:
        self.does(lambda: note_life.say_error(self.house.therapist, self.note_id, WHY))

    @rule(agreed=st.booleans(), by_supervisor=st.booleans())
    def answer_error(self, agreed: bool, by_supervisor: bool) -> None:
        who = self.house.supervisor if by_supervisor else self.house.therapist
        taken = self.does(lambda: note_life.answer_error(who, self.note_id, WHY, agreed=agreed))
        assert by_supervisor or not taken

    @rule(text=WORDS)
    def ask_amendment(self, text: str) -> None:
        self.does(lambda: note_life.ask_amendment(self.house.therapist, self.note_id, text))

    @rule(accepted=st.booleans())
    def answer_amendment(self, accepted: bool) -> None:
        taken = self.does(
            lambda: note_life.answer_amendment(self.house.therapist, self.note_id, WHY, accepted=accepted)
        )
        if taken and accepted:
            self.addenda.append((self.now().addenda[-1].id, WHY))

    @rule(text=WORDS)
    def disagree(self, text: str) -> None:
        self.does(lambda: note_life.keep_disagreement(self.house.therapist, self.note_id, text))

    @invariant()
    def what_was_signed_stays(self) -> None:
        if self.signed is None:
            return
        note = self.now()
        assert note.status is NoteStatus.SIGNED
        assert (note.sections, note.content_hash) == (self.signed.sections, self.signed.content_hash)
        assert note.content_hash == content_hash(note.format, note.sections, note.session_id)
        assert (note.signed_at, note.signed_by) == (self.signed.signed_at, self.signed.signed_by)

    @invariant()
    def what_follows_is_only_added(self) -> None:
        if not hasattr(self, "note_id"):
            return
        note = self.now()
        assert [(each.id, each.text) for each in note.addenda] == self.addenda
        rows = [each.id for each in note.trail]
        assert rows[: len(self.rows)] == self.rows
        self.rows = rows
        assert self.signed is not None or (note.addenda, note.trail) == ((), ())

    @invariant()
    def a_question_has_one_answer_of_its_own_kind(self) -> None:
        if not hasattr(self, "note_id"):
            return
        trail = self.now().trail
        by_id = {each.id: each for each in trail}
        answers = [each for each in trail if each.answers]
        assert len({each.answers for each in answers}) == len(answers)
        assert all(each.step in ANSWERS[by_id[each.answers or ""].step] for each in answers)
        for asked in ANSWERS:
            still = [each for each in trail if each.step is asked and each.id not in {one.answers for one in answers}]
            assert len(still) <= 1

    @invariant()
    def a_cosignature_covers_what_was_there_then(self) -> None:
        if self.signed is None:
            return
        note = self.now()
        found = cosigned(note.trail)
        if found is None:
            return
        seen = [(each.id, each.content_hash) for each in note.addenda if each.id in found.words.covers]
        assert found.words.content_hash == cosign_hash(note.content_hash, seen)
        later = [each for each in note.addenda if each.created_at > found.at]
        assert not any(each.cosigned for each in later)

    @invariant()
    def an_error_hides_the_text_and_ends_it(self) -> None:
        if self.signed is None:
            return
        shown, whole = notes.read_note(self.house.therapist, self.note_id), self.now()
        if whole.wrong:
            assert (dict(shown.sections), {each.text for each in shown.addenda} <= {""}) == ({}, True)
            assert whole.trail[-1].step is NoteStep.ERROR_AGREED
        else:
            assert shown.sections == whole.sections


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_life_of_a_note(house: House, context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Life, "house", house, raising=False)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Life,
        settings=settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=checks),
    )
    assert Life.signatures > 0
