"""Whatever is done around a case, in whatever order: it is there for whom it should be, and for nobody else; held, it
is not destroyed; destroyed, it is gone.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from schemas.case_codes import EpisodeState
from schemas.vocabulary import CaseStatus
from schemas.wall_codes import WallStep
from service.casework import cases, episodes, purging, walls
from service.domain import clock
from service.domain.actors import Actor
from service.domain.walls import GLASS_LASTS
from service.errors import NotAllowed, NotFound, StepwellError
from service.store import cases as case_store
from service.store.base import db
from service.store.keyring import ring
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
WHY = "Her brother works at the front desk here"
YEARS = timedelta(days=365 * 30)
ANSWERS_FOR_IT = st.sampled_from(["therapist", "supervisor"])
ANYBODY = st.sampled_from(["therapist", "supervisor", "peer"])


class Walls(RuleBasedStateMachine):
    """One case, and a model of what stands around it."""

    house: ClassVar[House]
    begun: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.time = ExitStack()
        self.status, self.sealed, self.held = CaseStatus.OPEN, False, False
        self.blocked: set[str] = set()
        self.glass: datetime | None = None
        self.asked: dict[WallStep, str] = {}
        self.case_id = ""

    @initialize()
    def begin(self) -> None:
        Walls.begun += 1
        case = builders.add_case(self.house.therapist)
        self.case_id, self.code = case.id, case.code
        self.wait(timedelta())

    def teardown(self) -> None:
        self.time.close()

    def who(self, name: str) -> Actor:
        found: Actor = getattr(self.house, name)
        return found

    def reaches(self, name: str, *, to_write: bool = False) -> bool:
        """Whether the case should be there for somebody."""
        if self.status is CaseStatus.PURGED or name in self.blocked:
            return False
        if name == "therapist":
            return True
        if self.sealed or name == "admin":
            return False
        open_glass = self.glass is not None and clock.now() < self.glass
        return name == "supervisor" or (name == "peer" and open_glass and not to_write)

    def does(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except StepwellError:
            return False
        return True

    @rule(by=ANYBODY, wanted=st.booleans())
    def restrict(self, by: str, wanted: bool) -> None:
        taken = self.does(lambda: walls.restrict(self.who(by), self.case_id, WHY, wanted=wanted))
        assert taken == (self.reaches(by, to_write=True) and self.sealed != wanted)
        self.sealed = wanted if taken else self.sealed

    @rule(by=ANSWERS_FOR_IT, whom=st.sampled_from(["supervisor", "peer", "admin", "therapist"]))
    def block(self, by: str, whom: str) -> None:
        taken = self.does(lambda: walls.block(self.who(by), self.case_id, self.who(whom).user_id, WHY))
        assert taken == (self.reaches(by) and whom not in (by, "therapist"))
        self.blocked |= {whom} if taken else set()

    @rule(by=ANSWERS_FOR_IT, whom=st.sampled_from(["supervisor", "peer", "admin"]))
    def unblock(self, by: str, whom: str) -> None:
        taken = self.does(lambda: walls.unblock(self.who(by), self.case_id, self.who(whom).user_id, WHY))
        assert taken == (self.reaches(by) and whom in self.blocked)
        self.blocked -= {whom} if taken else set()

    @rule(by=ANYBODY)
    def hold(self, by: str) -> None:
        taken = self.does(lambda: walls.hold(self.who(by), self.case_id, WHY))
        assert taken == (self.reaches(by, to_write=True) and not self.held)
        self.held = self.held or taken
        if taken:
            self.asked.pop(WallStep.PURGE, None)

    @rule(by=ANYBODY)
    def lift(self, by: str) -> None:
        before = self.asked.get(WallStep.LIFT_HOLD)
        taken = self.does(lambda: walls.lift_hold(self.who(by), self.case_id, WHY))
        assert taken == (self.reaches(by, to_write=True) and self.held and before != by)
        if taken:
            self.seconded(WallStep.LIFT_HOLD, by)
            self.held = before is None

    @rule(by=ANYBODY, step=st.sampled_from([WallStep.LIFT_HOLD, WallStep.PURGE]))
    def leave(self, by: str, step: WallStep) -> None:
        taken = self.does(lambda: walls.leave(self.who(by), self.case_id, step, WHY))
        stands = step is WallStep.LIFT_HOLD or self.status is CaseStatus.CLOSED or self.held
        assert taken == (self.reaches(by, to_write=True) and step in self.asked and stands)
        if taken:
            del self.asked[step]

    @rule(by=ANYBODY)
    def purge(self, by: str) -> None:
        before, ripe = self.asked.get(WallStep.PURGE), self.is_ripe()
        taken = self.does(lambda: purging.purge(self.who(by), self.case_id, WHY))
        assert taken == (self.reaches(by, to_write=True) and ripe and before != by)
        if taken:
            self.seconded(WallStep.PURGE, by)
            self.status = CaseStatus.PURGED if before else self.status

    def is_ripe(self) -> bool:
        if self.held or self.status is not CaseStatus.CLOSED:
            return False
        row = case_store.row(self.case_id)
        assert row is not None
        ripe = walls.end_of_keeping(row) <= clock.now().date()
        db.session.rollback()
        return ripe

    def seconded(self, step: WallStep, by: str) -> None:
        if step in self.asked:
            del self.asked[step]
        else:
            self.asked[step] = by

    @rule()
    def open_in_an_emergency(self) -> None:
        known = self.status is not CaseStatus.PURGED and "peer" not in self.blocked and not self.sealed
        inside = self.reaches("peer")
        taken = self.does(lambda: walls.break_glass(self.who("peer"), self.code, WHY))
        assert taken == (known and not inside)
        self.glass = clock.now() + GLASS_LASTS if taken else self.glass

    @rule()
    def end_care(self) -> None:
        taken = self.on_the_case(
            lambda version: builders.close_case(self.house.therapist, self.case_id, version=version)
        )
        assert taken == (self.status is CaseStatus.OPEN)
        self.status = CaseStatus.CLOSED if taken else self.status

    @rule()
    def take_up_again(self) -> None:
        taken = self.on_the_case(
            lambda version: episodes.reopen_case(
                self.house.therapist, self.case_id, EpisodeState.ACTIVE, "Asked to come again", version=version
            )
        )
        assert taken == (self.status is CaseStatus.CLOSED)
        if taken:
            self.status = CaseStatus.OPEN
            self.asked.pop(WallStep.PURGE, None)

    def on_the_case(self, act: Callable[[int], object]) -> bool:
        return self.does(lambda: act(cases.read_case(self.house.therapist, self.case_id).version))

    @rule(length=st.sampled_from([timedelta(minutes=20), GLASS_LASTS, YEARS]))
    def wait(self, length: timedelta) -> None:
        self.time.enter_context(clock.standing_at(clock.now() + length))

    @invariant()
    def it_is_there_for_whom_it_should_be(self) -> None:
        if not self.case_id:
            return
        for name in ("therapist", "supervisor", "peer", "admin", "stranger"):
            try:
                read = cases.read_case(self.who(name), self.case_id)
            except (NotFound, NotAllowed):
                assert not self.reaches(name), name
            else:
                assert self.reaches(name), name
                assert (read.status, read.sealed, read.held) == (self.status, self.sealed, self.held)

    @invariant()
    def what_was_purged_has_no_key_and_what_was_not_has_one(self) -> None:
        if not self.case_id:
            return
        gone = self.status is CaseStatus.PURGED
        assert ring().is_cut(self.case_id) is gone
        assert self.held is False or not gone


@pytest.fixture
def machine(house: House, monkeypatch: pytest.MonkeyPatch) -> type[Walls]:
    monkeypatch.setattr(Walls, "house", house, raising=False)
    return Walls


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_walls_of_a_case_in_any_order(machine: type[Walls]) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    limits = settings(max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(machine, settings=limits)
    assert machine.begun >= limits.max_examples


def test_a_whole_life_meets_every_wall_on_its_way(machine: type[Walls]) -> None:
    life = machine()
    steps: tuple[Callable[[], None], ...] = (
        life.begin,
        life.open_in_an_emergency,
        lambda: life.restrict("supervisor", True),
        lambda: life.restrict("supervisor", False),
        lambda: life.restrict("therapist", False),
        lambda: life.block("therapist", "peer"),
        lambda: life.block("supervisor", "admin"),
        lambda: life.unblock("supervisor", "peer"),
        lambda: life.wait(GLASS_LASTS),
        lambda: life.hold("supervisor"),
        life.end_care,
        lambda: life.wait(YEARS),
        lambda: life.purge("therapist"),
        lambda: life.leave("supervisor", WallStep.LIFT_HOLD),
        lambda: life.lift("therapist"),
        lambda: life.lift("therapist"),
        lambda: life.leave("supervisor", WallStep.LIFT_HOLD),
        lambda: life.lift("therapist"),
        lambda: life.lift("supervisor"),
        lambda: life.purge("therapist"),
        lambda: life.hold("therapist"),
        lambda: life.lift("supervisor"),
        lambda: life.lift("therapist"),
        lambda: life.purge("supervisor"),
        life.take_up_again,
        lambda: life.purge("therapist"),
        life.end_care,
        lambda: life.wait(YEARS),
        lambda: life.purge("therapist"),
        lambda: life.purge("therapist"),
        lambda: life.purge("supervisor"),
        life.take_up_again,
    )
    try:
        for step in steps:
            step()
            life.it_is_there_for_whom_it_should_be()
            life.what_was_purged_has_no_key_and_what_was_not_has_one()
    finally:
        life.teardown()
    assert life.status is CaseStatus.PURGED
