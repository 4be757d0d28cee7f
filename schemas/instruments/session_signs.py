"""What came up in session, `sig` 1.0.0: the clinician ticks what was told beside any form, and the rules do the rest.

Domain model, section 2.6 (PH-1 to PH-6, TR-1 to TR-6, TR-MED). Own wording, no score. This version is in use: do not
edit, add a version.
"""

from schemas.instruments.capture import ContactContext
from schemas.instruments.conditions import AllOf, Among, AnyOf, AtLeast, Condition, ContextIs, Trigger
from schemas.instruments.definition import (
    Informant,
    Instrument,
    Item,
    Recall,
    Section,
    Status,
    Validation,
)
from schemas.instruments.kinds import AnswerKind, MultiChoice, Text, WholeNumber, YesNo, options
from schemas.vocabulary import EventLevel


def _item(key: str, prompt: str, element: str | None = None, answer: AnswerKind | None = None) -> Item:
    note = Item(f"{key}_note", "Note", Text(1000))
    return Item(key, prompt, answer or YesNo(), element=element, follow_ups=(note,))


EVENTS = MultiChoice(
    options(
        separation="a separation",
        court="a court matter",
        pregnancy="a pregnancy",
        release="a release from custody",
        none="none of these",
    ),
    alone=("none",),
)
SIGNS = MultiChoice(
    options(
        voice="voice",
        swallowing="swallowing",
        vision="sight",
        balance="balance",
        breathing="breathing",
        none="none of these",
    ),
    alone=("none",),
)
CAME_UP = Section(
    "came_up",
    "What came up",
    (
        _item("life", "Thoughts of ending life, or very deep low mood", "PH-1"),
        _item("daily_life", "Daily life has become too much to manage", "PH-2"),
        _item("returns", "How many times the client went back after leaving", "PH-3", WholeNumber(0, 99, "times")),
        _item("coping", "Alcohol or drugs are a problem, or ways of coping do harm", "PH-4"),
        _item("outside_view", "The client asks for an outside view of the relationship", "PH-5"),
        _item("leaving", "The client wishes to leave, or wants help to plan it", "PH-6"),
        _item("events", "Something happened or is near", None, EVENTS),
        _item("fear", "The client is afraid, or senses danger", "ST-4"),
        _item("head", "A blow to the head or pressure on the neck, now or earlier"),
        _item("body", "A change in one of these", None, SIGNS),
    ),
)

_MODULE_B = "Ask in private about danger from the other person (safety screen, module B); review the plan in 7 days."
_MODULE_A = "Ask today, directly and in private, about not wanting to live (safety screen, module A)."
BARRIERS = (
    "Going back is common and no failure. Look together at what makes leaving hard: money, housing, children, "
    "immigration, disability, threats, faith or family, love and hope. Then refresh the plan."
)
MEDICAL = "Offer a medical evaluation. Do not read this as withdrawal."

# TR-MED, for every form alike: with their form's key, items stand for what was told now or earlier, in whatever order.
CHANGES = ("voice", "swallowing", "vision", "balance", "breathing")
HURT = AnyOf(tuple(Among(item, (True,)) for item in ("sfs.B3", "sig.head", "wsl.I_head_neck")))
CHANGED = AnyOf(
    (
        *(Among(item, CHANGES) for item in ("sfs.B3_signs", "sig.body", "wsl.body_change")),
        *(AtLeast(item, 3) for item in ("wsl.P4", "wsl.C1", "wsl.C5")),
    )
)


def calls_for_medical(*, hurt: Condition | None = None, changed: Condition | None = None) -> AnyOf:
    """TR-MED where one half was told in this sitting and the other half stands, told now or earlier in any form."""
    halves = ((hurt, CHANGED), (changed, HURT))
    return AnyOf(tuple(AllOf((told, other)) for told, other in halves if told is not None))


def _rule(rule: str, item: str, when: Condition, prompt: str, opens: EventLevel | None = None) -> Trigger:
    return Trigger(rule, item, when, prompt, opens)


def _yes(item: str) -> Among:
    return Among(item, (True,))


SIG = Instrument(
    key="sig",
    version="1.0.0",
    title="What came up in session",
    banner="A list for the clinician of what was told in session. No score and no label; it prompts what to do next.",
    purpose="So that nothing that was told waits for a form to ask about it.",
    recall=Recall(0, "In this session"),
    question="Did this come up?",
    licence="Own wording, part of Stepwell, Apache-2.0",
    informant=Informant.CLINICIAN,
    validation=Validation.UNSCORED,
    status=Status.ACTIVE,
    extra=(CAME_UP,),
    triggers=(
        _rule(
            "TR-1",
            "life",
            _yes("life"),
            f"Thoughts of ending life or deep low mood came up. {_MODULE_A}",
            EventLevel.TODAY,
        ),
        _rule(
            "TR-2",
            "daily_life",
            _yes("daily_life"),
            "Daily life is too much. Talk about the level of support, a letter for work or the family doctor, and "
            "how often to meet.",
        ),
        _rule("TR-3", "leaving", _yes("leaving"), f"A wish to leave came up. {_MODULE_B}", EventLevel.TODAY),
        _rule(
            "TR-3",
            "events",
            Among("events", ("separation", "court", "pregnancy", "release")),
            f"A separation, court matter, pregnancy or release came up. {_MODULE_B}",
            EventLevel.TODAY,
        ),
        _rule("TR-3", "fear", _yes("fear"), f"Fear or a sense of danger came up. {_MODULE_B}", EventLevel.TODAY),
        _rule("TR-4", "returns", AnyOf((AtLeast("returns", 2), ContextIs((ContactContext.ON_OFF,)))), BARRIERS),
        _rule(
            "TR-5",
            "coping",
            _yes("coping"),
            "Alcohol, drugs or ways of coping do harm. Follow up on use and on self-harm; offer a referral.",
            EventLevel.NEXT,
        ),
        _rule(
            "TR-6",
            "outside_view",
            _yes("outside_view"),
            "Offer the structured relationship review: timeline, cycle log, pattern check and contact log, in the "
            "client's own words, as described by one person.",
        ),
        _rule(
            "TR-MED",
            "body",
            calls_for_medical(hurt=_yes("head"), changed=Among("body", CHANGES)),
            f"A blow to the head or pressure on the neck was told, and a change or a high answer in the log. {MEDICAL}",
        ),
    ),
    stays_home="They guide the practice's own response and are sent to nobody unasked.",
)
