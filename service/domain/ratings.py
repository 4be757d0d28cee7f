"""Ratings of sessions as a supervisor may see them: how many clients said what to each line, across the whole team.

Rule (domain model, sections 2.7 and 5): one rating a client, the latest; nothing under ten clients, a line that fewer
than ten answered has no numbers, nothing per clinician, and nothing at all where all the clients are one clinician's.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.instruments import find
from schemas.instruments.answer import Answers, value_of
from schemas.instruments.kinds import Choice

RATING, LEAST = "ssr", 10
TOO_FEW_CLIENTS = (
    "Fewer than ten clients of this team have rated a session: nothing is shown, because single answers could be told "
    "apart."
)
ONE_CLINICIAN = (
    "All ratings are from clients of one clinician: nothing is shown, because they would describe one person."
)
TOO_FEW_ANSWERS = "fewer than ten answers"


@dataclass(frozen=True)
class Rated:
    """The latest rating of one client."""

    therapist_id: str
    answers: Answers


@dataclass(frozen=True)
class Ratings:
    """`rows` hold each line with how many clients gave each answer; empty where `why_not` says why."""

    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    clients: int = 0
    why_not: str = ""


NO_RATINGS = Ratings()


def ratings_of(rated: Sequence[Rated]) -> Ratings:
    if len(rated) < LEAST:
        return Ratings(why_not=TOO_FEW_CLIENTS)
    if len({each.therapist_id for each in rated}) < 2:
        return Ratings(why_not=ONE_CLINICIAN)
    lines = [(item.prompt, item.key, item.answer) for item in find(RATING).items() if isinstance(item.answer, Choice)]
    words = lines[0][2].options
    return Ratings(
        heads=("Line", *(option.label.capitalize() for option in words), "Answered"),
        rows=tuple((prompt, *_counts(rated, key, kind)) for prompt, key, kind in lines),
        clients=len(rated),
    )


def _counts(rated: Sequence[Rated], key: str, kind: Choice) -> tuple[str, ...]:
    told = Counter(value for each in rated if (value := value_of(each.answers, key)) is not None)
    if told.total() < LEAST:
        return (*("" for _ in kind.options), TOO_FEW_ANSWERS)
    return (*(str(told[option.code]) for option in kind.options), str(told.total()))
