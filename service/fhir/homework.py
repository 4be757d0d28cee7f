"""The homework of a signed session -> Task, one an item. https://hl7.org/fhir/R4/task.html

Rule: that there is a task, since when, and how it stands once the next session has said so; never its words.
"""

from collections.abc import Iterator, Sequence

from schemas.session_codes import HomeworkDone
from service.domain.cases import Case
from service.domain.session_work import Reviewed, homework_items
from service.domain.sessions import TherapySession, was_held
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import coding, concept, identifier, instant, present, reference

ITEMS_MOST = 40
_STATUS = {HomeworkDone.DONE: "completed", HomeworkDone.PARTLY: "in-progress"}


def homework_tasks(
    session: TherapySession, case: Case, at: Addresses, *, later: TherapySession | None, wrong: bool
) -> Iterator[Made]:
    """`later` is the next session that took place, once it is signed; `wrong`: the note was entered in error."""
    if wrong:
        yield from (_taken_back(session, case, number) for number in range(1, ITEMS_MOST + 1))
    elif was_held(session):
        items = homework_items(session.homework_given)[:ITEMS_MOST]
        told: Sequence[Reviewed] = later.work.reviewed if later else ()
        answers = {each.item: each.done for each in told}
        for number, item in enumerate(items, 1):
            yield _task((session, later), case, at, number=number, done=answers.get(item))


def _task(
    sessions: tuple[TherapySession, TherapySession | None],
    case: Case,
    at: Addresses,
    *,
    number: int,
    done: HomeworkDone | None,
) -> Made:
    session, later = sessions
    ended = later.starts_at if later and done is HomeworkDone.DONE else None
    content = present(
        resourceType="Task",
        id=_id(session, number),
        identifier=[identifier(at.identifier("homework"), _id(session, number))],
        status=_STATUS.get(done, "requested") if done else "requested",
        intent="plan",
        code=concept(coding(at.system("task-kind"), "homework", "Homework")),
        **{"for": reference("Patient", case.id)},
        encounter=reference("Encounter", session.id),
        executionPeriod=present(start=instant(session.ends_at), end=instant(ended) if ended else ""),
        authoredOn=instant(session.ends_at),
        requester=reference("Practitioner", session.author_id),
    )
    changed_at = max(session.updated_at, later.updated_at) if later and done else session.updated_at
    return Made(content, changed_at, date=session.ends_at)


def _taken_back(session: TherapySession, case: Case, number: int) -> Made:
    content = present(
        resourceType="Task",
        id=_id(session, number),
        status="entered-in-error",
        intent="plan",
        **{"for": reference("Patient", case.id)},
    )
    return Made(content, session.updated_at, only_if_stored=True, forgets=True)


def _id(session: TherapySession, number: int) -> str:
    """Tells nothing of the homework."""
    return f"{session.id}-h{number}"
