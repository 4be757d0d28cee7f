"""A case's responses -> what stands beside one of them when its triggers are asked.

Rule: only what was on record then counts, corrections in place of what they replaced; a later answer goes
before an earlier one, a later non-answer does not take an answer back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.instruments import find
from schemas.instruments.answer import Answer, Answers, answer_to
from schemas.instruments.capture import ContactContext, NonAnswer
from schemas.instruments.definition import Instrument
from schemas.vocabulary import Relation
from service.domain.intakes import Intake
from service.domain.sessions import Sitting, was_held
from service.domain.triggers import Around, FiredTrigger, fired, told_by

RATING = "ssr"


@dataclass(frozen=True)
class Telling:
    """Answers given at a time, in a context; `itself` are the ids of stored responses that are this one or its past,
    and what was recorded after `recorded_at` is not seen.
    """

    instrument: Instrument
    answers: Answers
    at: datetime
    recorded_at: datetime
    context: ContactContext | None = None
    itself: tuple[str, ...] = ()


def telling_of(intake: Intake) -> Telling:
    return Telling(
        instrument=find(intake.instrument_key, intake.instrument_version),
        answers=intake.answers,
        at=intake.authored_at,
        recorded_at=intake.updated_at,
        context=ContactContext(intake.contact_context),
        itself=tuple(filter(None, (intake.id, intake.amends))),
    )


def fired_by(telling: Telling, of_case: Iterable[Intake]) -> tuple[FiredTrigger, ...]:
    """What a response sets off, seen with everything that the case held when it was recorded."""
    earlier = standing_before(telling, of_case)
    own = merged(each for each in earlier if each.instrument_key == telling.instrument.key)
    return fired(telling.instrument, telling.answers, background=own, around=around(telling, earlier))


def outputs_of(telling: Telling, of_case: Iterable[Intake]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(title, lines) of what a form without a score gives back."""
    return told_by(telling.instrument, telling.answers, around=around(telling, standing_before(telling, of_case)))


def standing_before(telling: Telling, of_case: Iterable[Intake]) -> tuple[Intake, ...]:
    """The other responses that counted when this one was recorded, in the order in which they were answered."""
    earlier = (
        each
        for each in of_case
        if each.id not in telling.itself and not each.replaced and each.updated_at <= telling.recorded_at
    )
    return tuple(sorted(earlier, key=lambda each: each.authored_at))


def around(telling: Telling, earlier: Sequence[Intake]) -> Around:
    keys = {each.instrument_key for each in earlier} - {telling.instrument.key}
    return Around(
        context=telling.context,
        others={key: merged(each for each in earlier if each.instrument_key == key) for key in keys},
        days_since=_days_since(earlier, telling.at),
    )


def merged(responses: Iterable[Intake]) -> Answers:
    """The last answer to each item, in the order given; non-answers are left out."""
    found: dict[str, Answer] = {}
    for each in responses:
        found |= {key: answer for key, answer in each.answers.items() if not isinstance(answer, NonAnswer)}
    return found


def to_begin_with(
    of_case: Iterable[Intake], before: datetime, *, sessions: Iterable[Sitting]
) -> tuple[tuple[Intake, FiredTrigger], ...]:
    """TR-9: what the last session rating before this time wants talked about first, until another session than the
    rated one began after it.
    """
    rated = [each for each in of_case if each.instrument_key == RATING and not each.replaced]
    latest = max((each for each in rated if each.authored_at < before), key=lambda each: each.authored_at, default=None)
    if latest is None or any(_began_after(latest, each) for each in sessions if each.starts_at < before):
        return ()
    return tuple((latest, each) for each in fired_by(telling_of(latest), ()))


def _began_after(rating: Intake, session: Sitting) -> bool:
    return session.id != rating.session_id and was_held(session) and session.starts_at > rating.authored_at


def readable(intakes: Iterable[Intake], relation: Relation) -> tuple[Intake, ...]:
    """The responses that somebody standing so to the case may read one by one."""
    return tuple(each for each in intakes if not is_hidden(each, relation))


def is_hidden(intake: Intake, relation: Relation) -> bool:
    return relation in find(intake.instrument_key, intake.instrument_version).hidden_from


def _days_since(earlier: Iterable[Intake], at: datetime) -> dict[str, int]:
    """How long ago something of a section was last asked, by its qualified key."""
    found: dict[str, int] = {}
    for each in earlier:
        for section in find(each.instrument_key, each.instrument_version).sections():
            asked = (answer_to(each.answers, item.key) is not NonAnswer.NOT_ASKED for item in section.walk())
            if any(asked):
                found[f"{each.instrument_key}.{section.key}"] = (at - each.authored_at).days
    return found
