"""The red and green pattern check, `rgf` 1.0.0: what was seen of one person over a time, without a score.

Domain model, section 2.7. Own wording after the element list (RF, GF). It gives back what was noticed and what to ask,
never a label or a forecast about anyone. This version is in use: do not edit, add a version.
"""

from schemas.instruments.capture import NonAnswer
from schemas.instruments.conditions import AllOf, Among, CountOf, Line, NotAskedFor, Output, Skipped, Trigger
from schemas.instruments.definition import (
    Informant,
    Instrument,
    Item,
    Recall,
    Section,
    Status,
    Validation,
)
from schemas.instruments.kinds import Choice, Option, Text

SEEN = Choice((Option("not_seen", "not seen"), Option("once", "seen once"), Option("repeated", "seen repeatedly")))
WHO = Choice(
    (
        Option("new_partner", "a new partner"),
        Option("friend", "a friend"),
        Option("family", "somebody in the family"),
        Option("other_person", "the other person"),
    )
)
OBSERVED = Choice(
    (
        Option("under_month", "less than a month"),
        Option("under_half_year", "one to six months"),
        Option("under_year", "six to twelve months"),
        Option("over_year", "more than a year"),
    )
)

RED = (
    ("R1", "RF-1", "Very much attention, very early", "What was it like to get so much attention so early?"),
    ("R2", "RF-2", "Drawing you away from friends or family", "Who do you see less of, and how did that come about?"),
    ("R3", "RF-3", "Put-downs that are meant as help or worry", "How did you feel after that help or worry?"),
    ("R4", "RF-4", "Warm one day and cold the next", "What did you do to find out which day it was?"),
    ("R5", "RF-5", "Crossing a limit you set, then telling it differently", "What do you remember of how it went?"),
)
GREEN = (
    ("G1", "GF-1", "What they do fits what they say, over time", "When did words and deeds fit, and when not?"),
    ("G2", "GF-2", "Respect for your time and for the people close to you", "What happens when you have plans?"),
    ("G3", "GF-3", "A disagreement that stays fair", "How does a disagreement end?"),
    ("G4", "GF-4", "Support for what you want to learn or reach", "What happens when something goes well for you?"),
    ("G5", "GF-5", "Plain and honest words", "What do they say when they have made a mistake?"),
)
REDS = tuple(key for key, *_ in RED)


def _pattern(key: str, element: str, prompt: str) -> Item:
    example = Item(f"{key}_example", "One example", Text(1000), stays_home=True)
    return Item(key, prompt, SEEN, element=element, follow_ups=(example,))


ABOUT = Section(
    "about",
    "About whom",
    (
        Item("who", "Who is this about?", WHO),
        Item("observed", "Over what time have you seen this person?", OBSERVED, element="FQ-6"),
    ),
)
NOTICED = Output(
    "Patterns you noticed",
    tuple(
        Line(Among(key, (code,)), f"{prompt} ({words})")
        for key, _, prompt, _ in (*RED, *GREEN)
        for code, words in (("once", "seen once"), ("repeated", "seen repeatedly"))
    ),
)
QUESTIONS = Output(
    "Questions to take to session",
    (
        *(Line(Among(key, ("once", "repeated")), question) for key, _, _, question in RED),
        *(Line(Skipped(key, (NonAnswer.UNSURE,)), question) for key, _, _, question in (*RED, *GREEN)),
        *(Line(Among(key, ("not_seen",)), question) for key, _, _, question in GREEN),
    ),
)

RGF = Instrument(
    key="rgf",
    version="1.0.0",
    title="Pattern check",
    banner="What you have seen of one person over a time. There is no score, and it does not say what anyone is.",
    purpose="To put into words what was seen, and to find questions worth talking about.",
    recall=Recall(0, "As long as you have known this person"),
    question="Have you seen this?",
    licence="Own wording, part of Stepwell, Apache-2.0",
    informant=Informant.CLIENT_WITH_CLINICIAN,
    validation=Validation.UNSCORED,
    status=Status.ACTIVE,
    extra=(
        ABOUT,
        Section("red", "Patterns that ask for care", tuple(_pattern(*each[:3]) for each in RED)),
        Section("green", "Patterns that help", tuple(_pattern(*each[:3]) for each in GREEN)),
    ),
    triggers=(
        Trigger(
            "RGF-SFS",
            "red",
            AllOf((CountOf(REDS, ("repeated",), 1), NotAskedFor("sfs.danger", 30))),
            "A pattern was seen repeatedly, and danger from the other person was not asked about in the last 30 days. "
            "Offer the safety screen, module B, in private.",
        ),
    ),
    outputs=(NOTICED, QUESTIONS),
)
