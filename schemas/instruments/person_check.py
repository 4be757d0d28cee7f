"""The person check, `spc` 1.0.0: which role somebody fits today, with two gates before they are named anywhere.

Domain model, section 2.7. Own wording after the element list (SP). It never says what a person is worth. This version
is in use: do not edit, add a version.
"""

from schemas.instruments.capture import NonAnswer
from schemas.instruments.conditions import Among, AnyOf, Line, Output, Skipped
from schemas.instruments.definition import (
    Informant,
    Instrument,
    Item,
    Recall,
    Section,
    Status,
    Validation,
)
from schemas.instruments.kinds import Choice, MultiChoice, Option, Text, YesNo

USUALLY = Choice(
    (
        Option("usually", "usually"),
        Option("sometimes", "sometimes"),
        Option("rarely", "rarely"),
        Option("unknown", "I do not know"),
    )
)
ROLES = MultiChoice(
    (
        Option("emergency", "in an emergency"),
        Option("practical", "practical help"),
        Option("emotional", "to talk to"),
        Option("distraction", "company and distraction"),
        Option("childcare", "looking after children"),
        Option("witness", "as a witness"),
        Option("none_yet", "none yet"),
    ),
    alone=("none_yet",),
)
NOT_PRINTED = "This person cannot be placed on any printed copy."
NO_ANSWER = tuple(NonAnswer)
GATE_FAILED = AnyOf(
    (
        Among("gate_news", (True,)),
        Skipped("gate_news", NO_ANSWER),
        Among("gate_agrees", (False,)),
        Skipped("gate_agrees", NO_ANSWER),
    )
)
"""A gate that was not plainly passed counts as failed."""

PERSON = Section(
    "whom", "The person", (Item("person", "Initials or a nickname, no full name", Text(40), stays_home=True),)
)
FIT = Section(
    "fit",
    "What they are like with you",
    (
        Item("C1", "Accepts a no without arguing", USUALLY, element="SP-1"),
        Item("C2", "Stands by you without trying to repair you", USUALLY, element="SP-2"),
        Item("C3", "Listens without judging or pushing advice", USUALLY, element="SP-3"),
        Item("C4", "Does what they say", USUALLY, element="SP-4"),
        Item("C5", "Is glad when you decide for yourself", USUALLY, element="SP-5"),
    ),
)
GATES = Section(
    "gates",
    "Before they are named anywhere",
    (
        Item("gate_news", "Could news reach the other person through them?", YesNo()),
        Item("gate_agrees", "Do they agree to be asked?", YesNo()),
    ),
)

ROLE = Section("role_today", "Role today", (Item("role", "What could they be asked for?", ROLES),))

SPC = Instrument(
    key="spc",
    version="1.0.0",
    title="Person check",
    banner="Which role somebody fits today. It says nothing about a person's worth, and it may change.",
    purpose="To choose together whom to ask for what, and whom to leave out today.",
    recall=Recall(0, "As things are today"),
    question="How often is it like this?",
    licence="Own wording, part of Stepwell, Apache-2.0",
    informant=Informant.CLIENT_WITH_CLINICIAN,
    validation=Validation.UNSCORED,
    status=Status.ACTIVE,
    extra=(PERSON, FIT, GATES, ROLE),
    outputs=(Output("Printed copies", (Line(GATE_FAILED, NOT_PRINTED),)),),
    stays_home="It is about people around the client, who are never named outside.",
)
