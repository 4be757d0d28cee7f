"""The withdrawal log holds what its specification lists, word for word where the wording is fixed."""

import pytest

from schemas.instruments import INSTRUMENTS, find
from schemas.instruments.capture import CaptureChannel, CaptureContext, ContactContext, NonAnswer
from schemas.instruments.kinds import Choice, MultiChoice, WholeNumber, YesNo
from schemas.instruments.withdrawal import WSL
from schemas.instruments.withdrawal_1_1 import WSL_1_1
from schemas.vocabulary import EventLevel

ITEMS = {
    "P1": ("WSP-1", "Stomach upset, feeling sick, or gut trouble"),
    "P2": ("WSP-2", "Trouble sleeping, or sleep that did not rest you"),
    "P3": ("WSP-3", "Sudden panic, or a body that would not settle"),
    "P4": ("WSP-4", "Headaches or body pain"),
    "P5": ("WSP-5", "Worn out or slowed down"),
    "E1": ("WSE-1", "Strong longing, or thoughts of the person you could not put down"),
    "E2": ("WSE-2", "Low mood or losing hope"),
    "E3": ("WSE-3", "Going between feeling nothing and feeling too much"),
    "E4": ("WSE-4", "Anger or rage"),
    "E5": ("WSE-5", "Guilt or blaming yourself"),
    "C1": ("WSC-1", "Hard to keep your mind on things"),
    "C2": ("WSC-2", "Memories pushing in when you did not want them"),
    "C3": ("WSC-3", "Doubting what really happened"),
    "C4": ("WSC-4", "Hard to decide, even small things"),
    "C5": ("WSC-5", "Forgetting things or gaps in memory"),
}


def test_the_fifteen_items_stand_word_for_word_in_three_domains_of_five() -> None:
    assert {item.key: (item.element, item.prompt) for item in WSL.scored_items()} == ITEMS
    assert [(domain.key, len(domain.items)) for domain in WSL.domains] == [
        ("physical", 5),
        ("emotional", 5),
        ("cognitive", 5),
    ]


def test_every_scored_item_has_the_five_anchors() -> None:
    anchors = ["not at all", "a little", "somewhat", "a lot", "almost more than I could manage"]
    for item in WSL.scored_items():
        assert isinstance(item.answer, Choice)
        assert [(option.code, option.label, option.weight) for option in item.answer.options] == [
            (str(weight), label, weight) for weight, label in enumerate(anchors)
        ]


def test_the_banner_recall_and_question_are_the_fixed_ones() -> None:
    assert WSL.banner == (
        "A tracking log filled in with your clinician. "
        "It is not a test, has no norms or cut-offs, and cannot diagnose anything."
    )
    assert WSL.recall.days == 7
    assert WSL.question == "How much did this bother you or get in the way?"
    assert WSL.validation.label == "un-normed tracking log"


@pytest.mark.parametrize("context", ContactContext)
def test_a_client_who_is_together_with_the_person_never_sees_the_word_withdrawal(context: ContactContext) -> None:
    expected = "Distress log" if context is ContactContext.TOGETHER else "Withdrawal and separation log"
    assert WSL.title_for(context) == expected


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("F2", WholeNumber(0, 7, "days")),
        ("U1", WholeNumber(0, 10)),
        ("U2", WholeNumber(0, 10)),
        ("U4", WholeNumber(0, 10)),
        ("P4_assault", YesNo()),
        ("X1_concern", YesNo()),
        ("I_head_neck", YesNo()),
    ],
)
def test_the_unscored_numbers_and_questions_have_their_ranges(key: str, kind: object) -> None:
    assert WSL.item(key).answer == kind


@pytest.mark.parametrize(
    ("key", "codes"),
    [
        ("P2_kind", 4),
        ("E4_aim", 4),
        ("F1", 5),
        ("F1_areas", 4),
        ("U3", 5),
        ("U5", 12),
        ("X1", 6),
        ("X1_kept", 3),
        ("X_restless", 5),
        ("D1", 4),
    ],
)
def test_the_unscored_choices_offer_as_many_answers_as_listed(key: str, codes: int) -> None:
    kind = WSL.item(key).answer
    assert isinstance(kind, Choice | MultiChoice)
    assert len(kind.codes) == codes


def test_double_ideas_carry_the_follow_up_that_lets_a_later_version_split_them() -> None:
    assert [key for key in ITEMS if WSL.has(f"{key}_mostly")] == ["P1", "P3", "E1", "E2", "E5"]


def test_each_strategy_is_asked_with_whether_it_helped() -> None:
    strategies = [item for item in WSL.items() if item.key.startswith("S_")]
    assert len(strategies) == 11
    for item in strategies:
        assert isinstance(item.answer, Choice)
        assert item.answer.codes == ("not_used", "worse", "no_change", "a_little", "a_lot")


def test_the_first_log_has_extras_that_are_asked_once() -> None:
    once = [item.key for section in WSL.once for item in section.walk()]
    assert once == [
        "I_began",
        "I_separated",
        "I_earlier",
        "I_sleep",
        "I_appetite",
        "I_conditions",
        "I_medicines",
        "I_pregnant",
        "I_head_neck",
        "I_help",
        "I_hopes",
    ]


def test_the_log_is_weekly_and_overdue_after_28_days_or_four_sessions() -> None:
    cadence = WSL.cadence
    assert cadence is not None
    assert (cadence.days, cadence.remind_days, cadence.overdue_days, cadence.overdue_sessions) == (7, 21, 28, 4)
    assert cadence.overlap_days == 5


def test_the_rules_open_the_responses_that_the_trigger_table_names() -> None:
    assert {(each.rule, each.item): each.opens for each in WSL.triggers} == {
        ("TR-1", "E2"): EventLevel.TODAY,
        ("TR-1", "E4"): EventLevel.TODAY,
        ("TR-2", "F1"): None,
        ("TR-2", "F2"): None,
        ("TR-3", "X1_concern"): EventLevel.TODAY,
        ("TR-5", "D1"): EventLevel.NEXT,
        ("TR-MED", "P4_assault"): None,
        ("TR-MED", "P4"): None,
        ("TR-MED", "C1"): None,
        ("TR-MED", "C5"): None,
    }


def test_the_shelf_finds_by_key_and_version_and_refuses_what_it_does_not_have() -> None:
    assert find("wsl") is WSL_1_1
    assert find("wsl", "1.0.0") is WSL
    assert WSL in INSTRUMENTS
    for key, version in (("wsl", "9.9.9"), ("nope", None)):
        with pytest.raises(LookupError):
            find(key, version)


def test_there_are_five_kinds_of_non_answer_each_with_its_own_words() -> None:
    assert [reason.value for reason in NonAnswer] == ["asked_no", "declined", "unsure", "not_asked", "not_applicable"]
    assert len({reason.label for reason in NonAnswer}) == 5


def test_a_device_is_confirmed_for_remote_channels_only() -> None:
    assert CaptureContext(CaptureChannel.VIDEO, device_confirmed=True).device_confirmed
    with pytest.raises(ValueError, match="remote"):
        CaptureContext(CaptureChannel.IN_PERSON, device_confirmed=True)
