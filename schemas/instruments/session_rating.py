"""The session rating, `ssr` 1.0.0: six lines about the session just held, read one by one and never added up.

Domain model, section 2.7. Own wording. Single responses are for the therapist; supervisors see distributions only. This
version is in use: do not edit, add a version.
"""

from schemas.instruments.conditions import Among, Trigger
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
from schemas.vocabulary import Relation

_WORDS = ("not at all", "a little", "in part", "mostly", "completely")
RATED = Choice(tuple(Option(str(weight), words, weight) for weight, words in enumerate(_WORDS, start=1)))
LINES = (
    ("heard", "You felt heard"),
    ("worked_on", "You worked on what matters to you"),
    ("pace", "The pace felt right"),
    ("say_no", "You could disagree or say no"),
    ("at_ease", "You felt at ease and secure here"),
    ("next_step", "You know your next small step"),
)


def _low(key: str, prompt: str) -> Trigger:
    words = f"At the start of the next session, talk about this line of the rating: {prompt.lower()}."
    return Trigger("TR-9", key, Among(key, ("1", "2")), words)


SSR = Instrument(
    key="ssr",
    version="1.0.0",
    title="Session rating",
    banner="Six lines about today's session. Your therapist reads them one by one; nothing is added up.",
    purpose="To say what fitted and what did not, so that the next session can start from there.",
    recall=Recall(0, "In today's session"),
    question="How far is this true for you?",
    licence="Own wording, part of Stepwell, Apache-2.0",
    informant=Informant.CLIENT,
    validation=Validation.UNSCORED,
    status=Status.ACTIVE,
    extra=(
        Section("lines", "Today's session", tuple(Item(key, prompt, RATED) for key, prompt in LINES)),
        Section("one_thing", "One thing", (Item("change", "One thing to change", Text(1000), stays_home=True),)),
    ),
    triggers=tuple(_low(key, prompt) for key, prompt in LINES),
    stays_home="Ratings are between the client and the therapist.",
    hidden_from=(Relation.SUPERVISES,),
)
