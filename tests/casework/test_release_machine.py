"""Whatever is done with a release, in whatever order: something leaves by it only while it is signed, in its time and
not revoked, and what left stays written down.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from schemas.release_codes import ContentClass, ReleaseState, SaidHow
from service.casework import disclosures, releases
from service.domain import clock
from service.domain.actors import Actor
from service.domain.releases import Discussed, Release
from service.errors import StepwellError
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
C, S = ContentClass, ReleaseState
LASTS = 30
SAID = Discussed(redisclosure=True, other_ways=True, no_condition=True)
UNSAID = Discussed(redisclosure=True, other_ways=False, no_condition=True)
WORKS_ON_IT = st.sampled_from(["therapist", "supervisor", "peer"])


class Paper(RuleBasedStateMachine):
    """One release of a case and everything that can be done with it, by its therapist, a supervisor or a colleague."""

    house: ClassVar[House]
    begun: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.time, self.state, self.left, self.release_id = ExitStack(), S.DRAFT, 0, ""

    @initialize()
    def begin(self) -> None:
        Paper.begun += 1
        self.wait(0)
        self.case_id = builders.add_case(self.house.therapist).id
        self.other_case_id = builders.add_case(self.house.therapist, chosen_name="Bryony Lockhart").id
        self.release_id = builders.add_release(self.house.therapist, self.case_id, signed=False, days=LASTS).id
        self.last_day = clock.now().date() + timedelta(days=LASTS)

    def teardown(self) -> None:
        self.time.close()

    def now(self) -> Release:
        return releases.read_release(self.house.therapist, self.release_id)[0]

    def does(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except StepwellError:
            return False
        return True

    def who(self, name: str) -> Actor:
        found: Actor = getattr(self.house, name)
        return found

    @property
    def in_time(self) -> bool:
        return clock.now().date() <= self.last_day

    @rule(by=WORKS_ON_IT, said=st.sampled_from([SAID, SAID, UNSAID]))
    def sign(self, by: str, said: Discussed) -> None:
        version = self.now().version
        taken = self.does(lambda: releases.sign_release(self.who(by), self.release_id, said, version=version))
        assert taken == (by == "therapist" and said is SAID and self.state is S.DRAFT and self.in_time)
        self.state = S.IN_FORCE if taken else self.state

    @rule(by=WORKS_ON_IT)
    def revoke(self, by: str) -> None:
        version = self.now().version
        taken = self.does(
            lambda: releases.revoke_release(self.who(by), self.release_id, SaidHow.VERBAL, version=version)
        )
        assert taken == (by == "therapist" and self.state is S.IN_FORCE)
        self.state = S.REVOKED if taken else self.state

    @rule(by=WORKS_ON_IT)
    def drop(self, by: str) -> None:
        version = self.now().version
        taken = self.does(lambda: releases.drop_release(self.who(by), self.release_id, version=version))
        assert taken == (by == "therapist" and self.state is S.DRAFT)
        self.state = S.DROPPED if taken else self.state

    @rule(stale=st.integers(5, 50))
    def act_on_what_is_stale(self, stale: int) -> None:
        assert not self.does(
            lambda: releases.revoke_release(self.house.therapist, self.release_id, SaidHow.VERBAL, version=stale)
        )

    @rule(
        classes=st.sampled_from(
            [(C.ATTENDANCE,), (C.ATTENDANCE, C.SUMMARY), (C.NOTES,), (C.ATTENDANCE, C.PSYCHOTHERAPY)]
        ),
        recipient=st.sampled_from(["Harbour Clinic", "Harbour Clinic", "Another Clinic"]),
    )
    def leave(self, classes: tuple[ContentClass, ...], recipient: str) -> None:
        way = builders.a_departure(release_id=self.release_id, recipient=recipient)
        taken = self.does(
            lambda: disclosures.record_disclosure(self.house.therapist, self.case_id, way, classes, "Dates")
        )
        covered = set(classes) <= {C.ATTENDANCE, C.SUMMARY} and recipient == "Harbour Clinic"
        assert taken == (covered and self.state is S.IN_FORCE and self.in_time)
        self.left += taken

    @rule()
    def leave_another_case_by_it(self) -> None:
        way = builders.a_departure(release_id=self.release_id)
        assert not self.does(
            lambda: disclosures.record_disclosure(
                self.house.therapist, self.other_case_id, way, (C.ATTENDANCE,), "Dates"
            )
        )

    @rule(days=st.sampled_from([1, 10, LASTS, LASTS + 1]))
    def wait(self, days: int) -> None:
        self.time.enter_context(clock.standing_at(clock.now() + timedelta(days=days)))

    @invariant()
    def it_stands_as_it_should(self) -> None:
        if not self.release_id:
            return
        wanted = S.EXPIRED if self.state is S.IN_FORCE and not self.in_time else self.state
        desk = releases.read_desk(self.house.therapist, self.case_id)
        assert self.now().state(clock.now().date()) is wanted
        assert [each.id for each in releases.in_force(desk)] == [self.release_id] * (wanted is S.IN_FORCE)

    @invariant()
    def what_left_is_written_down_and_nothing_else(self) -> None:
        if self.release_id:
            found = disclosures.read_disclosures(self.house.therapist, self.case_id).accounted
            assert len(found) == self.left


@pytest.fixture
def machine(house: House, monkeypatch: pytest.MonkeyPatch) -> type[Paper]:
    monkeypatch.setattr(Paper, "house", house, raising=False)
    return Paper


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_release_in_any_order(machine: type[Paper]) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    limits = settings(max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(machine, settings=limits)
    assert machine.begun >= limits.max_examples


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_a_whole_release_from_its_draft_to_its_end(machine: type[Paper], end: str) -> None:
    paper = machine()
    leave = lambda: paper.leave((C.ATTENDANCE,), "Harbour Clinic")  # noqa: E731 - one step of several
    ending = (lambda: paper.revoke("therapist")) if end == "revoked" else (lambda: paper.wait(LASTS + 1))
    steps: tuple[Callable[[], None], ...] = (
        paper.begin,
        leave,
        lambda: paper.sign("supervisor", SAID),
        lambda: paper.sign("therapist", UNSAID),
        lambda: paper.sign("therapist", SAID),
        leave,
        lambda: paper.leave((C.NOTES,), "Harbour Clinic"),
        lambda: paper.leave((C.ATTENDANCE,), "Another Clinic"),
        paper.leave_another_case_by_it,
        lambda: paper.act_on_what_is_stale(40),
        ending,
        leave,
        lambda: paper.sign("therapist", SAID),
        lambda: paper.drop("therapist"),
    )
    try:
        for step in steps:
            step()
            paper.it_stands_as_it_should()
            paper.what_left_is_written_down_and_nothing_else()
    finally:
        paper.teardown()
    assert paper.left == 1
