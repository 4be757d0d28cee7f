"""Whatever is done to a plan, in whatever order: what was in use stays as it was, one version is in use and one is
written at a time, nothing of class N gets on a copy, and a stale edit changes nothing.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from schemas.plan_codes import PlanDoubt
from schemas.vocabulary import CopyAnswer, EventLevel, PlanStatus, PlanType
from service.casework import disclosures, events, plans
from service.casework.copies import CopyWish
from service.casework.plans import PlanDraft
from service.domain.safety import Plan, PlanLine, copy_lines
from service.errors import Conflict, Invalid, StepwellError
from service.store import plans as plan_store
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
WORDS = st.text("abc é\n", min_size=1, max_size=12).filter(str.strip)
HIDDEN = "Quince Street 41"
S = PlanStatus


class Life(RuleBasedStateMachine):
    """One plan from its first draft on: writing, using, looking again, withdrawing, the copy question, stale edits."""

    house: House
    met: set[str]

    def __init__(self) -> None:
        super().__init__()
        self.frozen: dict[str, object] = {}
        self.copies = 0

    @initialize(words=WORDS)
    def begin(self, words: str) -> None:
        """A whole life first, so that each state is met however the rest is drawn."""
        self.case_id = builders.add_case(self.house.therapist).id
        self.plan_id = plans.start_plan(self.house.therapist, self.case_id, PlanType.PL_URGE).plan_id
        self.write(words, ticked=True)
        self.use()
        self.copy(answer=CopyAnswer.COPY)
        self.start()

    def versions(self) -> tuple[Plan, ...]:
        found = [each for each in self.row_ids() if each]
        return plans.read_plan(self.house.therapist, found[0])[1:]

    def row_ids(self) -> list[str]:
        every = plan_store.of_case(self.case_id)
        return [each.id for each in every if each.plan_id == self.plan_id]

    def one(self, status: PlanStatus) -> Plan | None:
        return next((each for each in self.versions() if each.status is status), None)

    def does(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except StepwellError:
            return False
        return True

    @rule()
    def start(self) -> None:
        newest = self.versions()[0]
        waits = self.one(S.DRAFT) is not None
        taken = self.does(lambda: plans.start_plan(self.house.therapist, self.case_id, PlanType.PL_URGE))
        assert taken == (not waits)
        if taken:
            draft = self.versions()[0]
            assert (draft.number, draft.lines) == (newest.number + 1, newest.lines)

    @rule(words=WORDS, ticked=st.booleans())
    def write(self, words: str, ticked: bool) -> None:
        draft = self.one(S.DRAFT)
        wanted = PlanDraft({"delay": PlanLine(words, ticked), "person": PlanLine(HIDDEN)})
        plan = draft or self.versions()[0]
        taken = self.does(lambda: plans.save_plan(self.house.therapist, plan.id, wanted, version=plan.version))
        assert taken == (draft is not None)

    @rule(words=WORDS)
    def write_what_is_stale(self, words: str) -> None:
        before = self.versions()
        draft = self.one(S.DRAFT) or before[0]
        wanted = PlanDraft({"delay": PlanLine(words)})
        with pytest.raises(Conflict):
            plans.save_plan(self.house.therapist, draft.id, wanted, version=draft.version + 1_000)
        assert self.versions() == before
        self.met.add("stale")

    @rule()
    def tick_what_stays_here(self) -> None:
        draft = self.one(S.DRAFT)
        if draft is None:
            return
        wanted = PlanDraft({"person": PlanLine(HIDDEN, on_copy=True)})
        with pytest.raises(Invalid):
            plans.save_plan(self.house.therapist, draft.id, wanted, version=draft.version)

    @rule()
    def use(self) -> None:
        draft = self.one(S.DRAFT)
        if draft is None:
            return
        written = any(line.text.strip() for line in draft.lines.values())
        taken = self.does(lambda: plans.activate_plan(self.house.therapist, draft.id, version=draft.version))
        assert taken == written
        if taken:
            self.frozen[draft.id] = draft.lines
            self.met.add("superseded" if self.one(S.SUPERSEDED) else "in use")

    @rule()
    def look_again(self) -> None:
        active = self.one(S.ACTIVE)
        if active is not None:
            seen = plans.review_plan(self.house.therapist, active.id, version=active.version)
            assert (seen.doubt, seen.next_review > seen.reviewed_on) == (None, True)
            self.met.add("looked at")

    @rule()
    def something_comes_up(self) -> None:
        active = self.one(S.ACTIVE)
        events.open_event(self.house.therapist, self.case_id, EventLevel.NOW, prompt="Told in session")
        if active is not None:
            marked = self.one(S.ACTIVE)
            assert marked is not None and marked.doubt is PlanDoubt.EVENT
            assert marked.next_review <= active.next_review

    @rule(draft_too=st.booleans())
    def withdraw(self, draft_too: bool) -> None:
        found = self.one(S.ACTIVE) or (self.one(S.DRAFT) if draft_too else None)
        if found is not None:
            plans.withdraw_plan(self.house.therapist, found.id, version=found.version)

    @rule(answer=st.sampled_from(CopyAnswer))
    def copy(self, answer: CopyAnswer) -> None:
        active = self.one(S.ACTIVE)
        if active is None:
            return
        if answer in (CopyAnswer.NONE, CopyAnswer.ALOUD):
            plans.make_no_copy(self.house.therapist, active.id, answer)
            return
        wish = CopyWish("Notes", "At work", answer=answer)
        taken = self.does(lambda: plans.copy_plan(self.house.therapist, active.id, wish))
        assert taken == (answer is not CopyAnswer.SUMMARY and bool(copy_lines(active)))
        self.copies += taken
        self.met.add("copied" if taken else "refused")

    @rule()
    def copy_without_a_place(self) -> None:
        active = self.one(S.ACTIVE)
        if active is not None:
            with pytest.raises(Invalid):
                plans.copy_plan(self.house.therapist, active.id, CopyWish("Notes", " "))

    @invariant()
    def what_was_in_use_stays_as_it_was(self) -> None:
        if self.frozen:
            stands = {each.id: each.lines for each in self.versions()}
            assert {key: stands[key] for key in self.frozen} == self.frozen

    @invariant()
    def one_is_in_use_and_one_is_written_at_most(self) -> None:
        if hasattr(self, "plan_id"):
            found = self.versions()
            states = [each.status for each in found]
            assert states.count(S.ACTIVE) <= 1 and states.count(S.DRAFT) <= 1
            assert [each.number for each in found] == list(range(len(found), 0, -1))

    @invariant()
    def each_copy_is_a_row_and_none_holds_what_stays_here(self) -> None:
        if hasattr(self, "plan_id"):
            rows = disclosures.read_disclosures(self.house.therapist, self.case_id).accounted
            assert len(rows) == self.copies
            assert HIDDEN not in str([copy_lines(each) for each in self.versions()])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_life_of_a_plan(house: House, context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Life, "house", house, raising=False)
    monkeypatch.setattr(Life, "met", set(), raising=False)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=8, stateful_step_count=20, deadline=None, derandomize=True, suppress_health_check=checks
        ),
    )
    assert {"in use", "copied"} <= Life.met, "each run begins with them"
