"""The programme: seven steps, version by version. A used version stays here for good; a change is a new version."""

from schemas.programme.cards import CARDS
from schemas.programme.definition import Programme, Prompt
from schemas.programme.first_steps import CONTACT, GET_THROUGH, NAME_IT
from schemas.programme.later_steps import FIND_SELF, LOOK_AHEAD
from schemas.programme.middle_steps import TRUST_SELF, WORK_THROUGH

STEPS_1_0_0 = Programme(
    key="steps",
    version="1.0.0",
    title="Seven steps",
    notices=(
        Prompt("A structured set of topics; it has not been tested as a programme.", ("SCI-6",)),
        Prompt("In any order, several at once, and back again whenever that helps: it comes in waves.", ("NLX-1",)),
        Prompt("Each choice counts more than how fast it comes.", ("MF-4",)),
    ),
    steps=(NAME_IT, CONTACT, GET_THROUGH, TRUST_SELF, WORK_THROUGH, FIND_SELF, LOOK_AHEAD),
    cards=CARDS,
    licence="Own wording, part of Stepwell, Apache-2.0",
)
PROGRAMMES: tuple[Programme, ...] = (STEPS_1_0_0,)


def newest() -> Programme:
    """The version that new entries are made under."""
    return PROGRAMMES[-1]


def find(version: str) -> Programme:
    """Raises LookupError."""
    found = next((each for each in PROGRAMMES if each.version == version), None)
    if found is None:
        raise LookupError(f"no version {version}")
    return found
