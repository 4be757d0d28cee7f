"""What a session worked on, and which ends of the thread it leaves loose."""

from schemas.session_codes import ELEMENTS, HomeworkDone, Intervention
from service.domain.session_work import NO_WORK, Reviewed, Work, gaps_of, homework_items, reviewing

WHOLE = Work(goal_ids=("g1",), reviewed=(Reviewed("Walk twice", HomeworkDone.NOT_ASKED),))


def test_a_session_that_touches_step_goal_and_measure_leaves_nothing_loose() -> None:
    assert gaps_of(WHOLE, measured=True, carried=("Walk twice",), touched=True) == ()


def test_each_loose_end_is_named_on_its_own() -> None:
    assert [gap.key for gap in gaps_of(NO_WORK, measured=False, carried=("Walk",))] == [
        "step",
        "goal",
        "measure",
        "homework",
    ]
    assert [gap.key for gap in gaps_of(WHOLE, measured=False, carried=("Walk twice",), touched=True)] == ["measure"]
    assert [gap.key for gap in gaps_of(WHOLE, measured=True, carried=("Another",), touched=True)] == ["homework"]


def test_homework_without_an_answer_is_not_looked_at() -> None:
    work = Work(WHOLE.interventions, "", WHOLE.goal_ids, (Reviewed("Walk"),))
    assert [gap.key for gap in gaps_of(work, measured=True, carried=("Walk",), touched=True)] == ["homework"]


def test_homework_is_one_item_a_line() -> None:
    assert homework_items("Walk twice\n\n  Ring M. \nWalk twice\n") == ("Walk twice", "Ring M.")
    assert homework_items("  \n") == ()


def test_an_answer_stays_when_the_homework_was_reworded() -> None:
    work = Work(reviewed=(Reviewed("Walk", HomeworkDone.DONE, "Sunday"), Reviewed("Never answered")))
    assert reviewing(work, ("Walk further",)) == (
        Reviewed("Walk further"),
        Reviewed("Walk", HomeworkDone.DONE, "Sunday"),
    )


def test_every_processing_element_of_the_guide_has_its_interventions() -> None:
    assert set(ELEMENTS) == {f"PM-{number}" for number in range(1, 7)}
    assert set(ELEMENTS["PM-6"]) == {each for number in range(1, 6) for each in ELEMENTS[f"PM-{number}"]}
    assert Intervention.SAFETY_PLANNING not in ELEMENTS["PM-6"]
