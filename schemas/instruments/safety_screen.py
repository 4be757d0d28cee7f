"""The safety screen, `sfs` 1.0.0: what to ask about self and mood (A) and about danger from the other person (B).

Domain model, section 2.5. Own wording, asked by the clinician, without a sum or a level of danger: the levels in the
triggers say how soon to respond, and nothing more. The factors come from published research (Campbell 2003; McFarlane
2002; Glass 2008), not from the wording of any instrument. This version is in use: do not edit, add a version.
"""

from schemas.instruments.capture import NonAnswer
from schemas.instruments.conditions import AllOf, Among, AnyOf, Condition, CountOf, Skipped, Trigger
from schemas.instruments.definition import (
    Informant,
    Instrument,
    Item,
    Module,
    Quiet,
    Recall,
    Section,
    Status,
    Validation,
)
from schemas.instruments.kinds import Choice, MultiChoice, Text, YesNo, options
from schemas.instruments.session_signs import CHANGES, SIGNS, calls_for_medical
from schemas.vocabulary import EventLevel

NOTE = Text(2000)
YES, NO = (True,), (False,)
NO_CLEAR_ANSWER = (NonAnswer.UNSURE, NonAnswer.DECLINED, NonAnswer.ASKED_NO)
OPEN = (*NO_CLEAR_ANSWER, NonAnswer.NOT_ASKED, NonAnswer.NOT_APPLICABLE)


def _note(key: str) -> Item:
    return Item(f"{key}_note", "Note", NOTE)


def _asked(key: str, prompt: str, *further: Item, element: str | None = None) -> Item:
    """A question with what was asked further, whether it was lately, and a note."""
    recent = Item(f"{key}_recent", "In the last 30 days?", YesNo())
    return Item(key, prompt, YesNo(), element=element, follow_ups=(*further, recent, _note(key)))


def _today(key: str, prompt: str) -> Item:
    """A question about today, so without one about the last 30 days."""
    return Item(key, prompt, YesNo(), follow_ups=(_note(key),))


PRESENCE = Choice(
    options(
        nobody="nobody",
        interpreter="only a professional interpreter",
        other_person="the other person",
        relative="a relative",
        child="a child over two years old",
        somebody="somebody else",
    )
)

SETTING = Section("setting", "Before these questions", (Item("present", "Who else could hear this?", PRESENCE),))

CORE = Section(
    "self_core",
    "Self and mood, first six",
    (
        Item(
            "changed",
            "Has anything about your own safety changed since we last spoke?",
            YesNo(),
            follow_ups=(_note("changed"),),
        ),
        _asked("A1", "Have you wished you were not alive, or that you would not wake up?", element="PH-1"),
        _asked("A2", "Have you had thoughts of ending your life?", element="PH-1"),
        _asked("A3", "Have you thought about how you might do it?", element="PH-1"),
        _asked("A4", "Have you had any intention of acting on such thoughts?", element="PH-1"),
        _asked("A5", "Have you taken steps, or made a plan with a time, a place or a means?", element="PH-1"),
        Item(
            "A6",
            "Have you hurt yourself or tried to die?",
            Choice(options(recent="in the last 3 months", earlier="earlier than that", never="never")),
            element="PH-1",
            follow_ups=(_note("A6"),),
        ),
    ),
)

MORE = Section(
    "self_more",
    "Self and mood, further questions",
    (
        _asked("A7", "Could you get hold of what you thought of using?"),
        Item("A8", "What keeps you going?", NOTE),
        _asked(
            "A9",
            "On most days, are you unable to eat, wash or get up, or without hope nearly all the time?",
            element="PH-2",
        ),
        _asked("A10", "Do you feel that you are losing touch with what is real?"),
        _asked(
            "A11",
            "Have you had thoughts of hurting someone else?",
            Item("A11_plan", "Is there a plan for it, or a means at hand?", YesNo()),
        ),
        _asked("A12", "Is your drinking or drug use going up?", element="PH-4"),
    ),
)

WEAPON = MultiChoice(
    options(reach="within reach", threatened="threatened with it", used="used it"),
)

DANGER = Section(
    "danger",
    "Danger from the other person",
    (
        _asked("B1", "Do you believe that they could kill you?", element="ST-4"),
        _asked("B2", "Have they threatened to kill you, your children, themselves or your pets?"),
        _asked(
            "B3",
            "Have they put their hands or anything else on your neck, or blocked your breathing?",
            Item("B3_signs", "Has any of these changed since then?", SIGNS),
        ),
        _asked(
            "B4",
            "Do they have a weapon within reach, or have they used one or threatened you with one?",
            Item("B4_what", "Which of these?", WEAPON),
        ),
        _asked("B5", "Has it become worse, or does it happen more often lately?"),
        _asked("B6", "Did you separate within the last year, do you plan to, or have they just found out?"),
        _asked("B7", "Do they follow, watch or track you, turn up where you are, or get into your accounts?"),
        _asked("B8", "Have they forced or pressured you into sex?"),
        _asked("B9", "Do they control your money, movements, phone or contacts, or are they extremely jealous?"),
        _asked("B10", "Are you pregnant, or were they violent to you during a pregnancy?"),
        _asked(
            "B11",
            "Have children been hurt, threatened or used against you, "
            "or does a child from another relationship live with you?",
        ),
        _asked("B12", "Do they threaten to end their own life?"),
        _asked("B13", "Have they broken a court order?"),
        _asked("B14", "Do they drink heavily or use drugs?"),
        _asked("B15", "Is a job loss, a hearing, a custody decision or a release date near?"),
        _asked("B16", "Have they hurt animals?"),
        _today("B17_talk", "Can you talk freely right now?"),
        _today("B17_home", "Can you go home today without fear of being hurt?"),
        _asked("B18", "Do you have injuries that need care?"),
    ),
)

_DIRECTLY = "Ask directly and in private."
_MEANS = "Talk about putting distance between the person and the means."
_MEDICAL = "Offer a medical evaluation now, even where nothing can be seen; do not read later signs as withdrawal."
_NO_HURRY = "Do not hurry separation; plan first."

# What is about to be told, by item: the words of the prompt.
TOLD = {
    "A1": "A wish not to be alive",
    "A2": "Thoughts of ending life",
    "A3": "Thoughts about how",
    "A4": "An intention to act",
    "A5": "Steps taken, or a plan",
    "A6": "Self-harm or an attempt in the last 3 months",
    "A9": "Unable to manage the day, or without hope nearly all the time",
    "A10": "Losing touch with what is real",
    "A11": "Thoughts of hurting someone else, with a plan or a means",
    "A12": "Drinking or drug use going up",
    "B1": "A belief that the other person could kill",
    "B2": "A threat to kill in the last 30 days",
    "B3": "Pressure on the neck or blocked breathing",
    "B4": "A weapon within reach, used or threatened with",
    "B5": "Worse, or more often lately",
    "B6": "A separation, with tracking or control",
    "B7": "Following, watching, tracking or turning up",
    "B8": "Forced or pressured sex",
    "B9": "Control or extreme jealousy",
    "B10": "A pregnancy, or violence during one",
    "B11": "Children hurt, threatened or used, or a child from another relationship at home",
    "B12": "Threats by the other person to end their own life",
    "B13": "A broken court order",
    "B14": "Heavy drinking or drug use by the other person",
    "B15": "A job loss, hearing, custody decision or release date near",
    "B16": "Animals hurt",
    "B17_talk": "Not able to talk freely now",
    "B17_home": "Afraid of being hurt at home today",
    "B18": "Injuries that need care",
}


def _yes(item: str) -> Among:
    return Among(item, YES)


def _lately(item: str, *further: Condition) -> AllOf:
    return AllOf((_yes(item), *further, _yes(f"{item}_recent")))


def _now(item: str, when: Condition, *more: str) -> Trigger:
    words = " ".join((f"{TOLD[item]} was told.", _DIRECTLY, *more))
    return Trigger("SFS-NOW", item, when, words, EventLevel.NOW)


def _same_day(item: str, when: Condition, *more: str) -> Trigger:
    words = " ".join((f"{TOLD[item]} was told.", _DIRECTLY, *more))
    return Trigger("SFS-TODAY", item, when, words, EventLevel.TODAY)


def _unclear(item: str) -> Trigger:
    words = f"There was no clear answer about: {TOLD[item].lower()}. Come back to it today, {_DIRECTLY.lower()}"
    return Trigger("SFS-TODAY", item, Skipped(item, NO_CLEAR_ANSWER), words, EventLevel.TODAY)


def _half_told(item: str, further: str) -> Trigger:
    """Yes was said, but not what decides how soon to respond."""
    words = f"Yes was said, but not all was asked about: {TOLD[item].lower()}. Come back to it today."
    return Trigger("SFS-TODAY", item, AllOf((_yes(item), Skipped(further, OPEN))), words, EventLevel.TODAY)


def _later(item: str, when: Condition, rule: str = "SFS-NEXT") -> Trigger:
    return Trigger(rule, item, when, f"{TOLD[item]} was told. Talk about it at the next session.", EventLevel.NEXT)


def _left_out(section: str, *items: str) -> Trigger:
    words = "Questions that may call for a response were not asked. Ask them at the next session and set the date."
    when = AnyOf(tuple(Skipped(item, (NonAnswer.NOT_ASKED,)) for item in items))
    return Trigger("SFS-NEXT", section, when, words, EventLevel.NEXT)


NOW_ITEMS = ("A4", "A5", "A6", "A11", "B1", "B2", "B3", "B4", "B17_talk", "B17_home", "B18")
B_ITEMS = (*(f"B{number}" for number in range(1, 17)), "B18")
_USED = Among("B4_what", ("threatened", "used"))

TRIGGERS = (
    _now("A4", _yes("A4")),
    _now("A5", _yes("A5"), _MEANS),
    _now("A6", Among("A6", ("recent",))),
    _now("A11", AllOf((_yes("A11"), _yes("A11_plan")))),
    _now("B1", _yes("B1")),
    _now("B2", _lately("B2")),
    _now("B3", _lately("B3"), _MEDICAL),
    _now("B4", _lately("B4", _USED), _MEANS),
    _now("B17_talk", Among("B17_talk", NO)),
    _now("B17_home", Among("B17_home", NO)),
    _now("B18", _yes("B18"), "Arrange care first."),
    *(_same_day(item, _yes(item)) for item in ("A1", "A2", "A3", "A9", "A10")),
    _same_day("B3", _yes("B3"), "Ask when, and offer a medical evaluation."),
    _same_day("B4", _yes("B4"), _MEANS),
    _same_day("B5", _yes("B5")),
    _same_day("B6", AllOf((_yes("B6"), AnyOf((_yes("B7"), _yes("B9"))))), _NO_HURRY),
    *(_same_day(item, _yes(item)) for item in ("B7", "B8", "B10", "B11", "B12", "B13")),
    Trigger(
        "SFS-TODAY",
        "danger",
        CountOf(B_ITEMS, YES, 2),
        f"Two or more kinds of danger from the other person were told. {_DIRECTLY}",
        EventLevel.TODAY,
    ),
    *(_unclear(item) for item in NOW_ITEMS),
    _half_told("A11", "A11_plan"),
    _half_told("B2", "B2_recent"),
    Trigger(
        "TR-5",
        "A12",
        _yes("A12"),
        "Drinking or drug use is going up. Follow up on use and on self-harm; offer a referral.",
        EventLevel.NEXT,
    ),
    _later("B9", AllOf((_yes("B9"), CountOf(B_ITEMS, YES, 1, 1)))),
    *(_later(item, _yes(item)) for item in ("B14", "B15", "B16")),
    _left_out("self_core", "A1", "A2", "A3", "A4", "A5", "A6"),
    _left_out("self_more", "A9", "A10", "A11"),
    _left_out("danger", *(f"B{number}" for number in (*range(1, 9), *range(10, 14), 18)), "B17_talk", "B17_home"),
    Trigger("SFS-ASK", "A7", _yes("A7"), f"What was thought of is at hand. {_MEANS}"),
    Trigger(
        "SFS-ASK", "A11", _yes("A11"), f"Thoughts of hurting someone else were told. Ask about a plan. {_DIRECTLY}"
    ),
    Trigger("SFS-ASK", "B6", _yes("B6"), _NO_HURRY),
    Trigger(
        "SFS-ASK",
        "changed",
        _yes("changed"),
        "Something changed. Ask both modules, and whether the plan still fits.",
    ),
    Trigger(
        "SFS-ASK",
        "present",
        Among("present", ("other_person", "relative", "child", "somebody")),
        "Somebody could hear. Ask again when the client is alone.",
    ),
    Trigger(
        "TR-MED",
        "B3_signs",
        calls_for_medical(hurt=_yes("B3"), changed=Among("B3_signs", CHANGES)),
        f"{TOLD['B3']} or a blow to the head was told, with a change since or a high answer in the log. {_MEDICAL}",
    ),
)

SFS = Instrument(
    key="sfs",
    version="1.0.0",
    title="Safety screen",
    banner="Questions to ask in private, one to one. They give no score and no level, and they predict nothing.",
    purpose="To ask plainly, to know what needs a response and how soon, and to plan that response together.",
    recall=Recall(30, "Now, and in the last 30 days"),
    question="Ask each question as it stands; every one may be left out.",
    licence="Own wording, part of Stepwell, Apache-2.0",
    informant=Informant.CLINICIAN,
    validation=Validation.UNSCORED,
    status=Status.ACTIVE,
    extra=(SETTING, CORE, MORE, DANGER),
    triggers=TRIGGERS,
    modules=(
        Module("A", "Module A, self and mood", ("setting", "self_core", "self_more")),
        Module("core", "Module A, first six only", ("setting", "self_core")),
        Module(
            "B",
            "Module B, danger from the other person",
            ("setting", "danger"),
            only_if=Among("present", ("nobody", "interpreter")),
            in_confidence=True,
        ),
    ),
    quiet=Quiet(
        "Nothing disclosed when asked on {day}; private: {private}",
        (("A6", "never"), ("B17_talk", True), ("B17_home", True)),
    ),
    stays_home="They guide the practice's own response and are sent to nobody unasked.",
)
