"""A group session written down once and placed in the record of each who was there, with no trace of the others.

Rule: every record gets a session and a draft of its own, sealed with its own key; nothing is kept that leads from one
to another. Words in one record that name somebody of another are refused before anything is written.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.actions import Action
from schemas.vocabulary import Attendance, NoteFormat, SessionType
from service.casework.gate import admit
from service.casework.notes import keep_text
from service.casework.sessions import SessionDraft, add, check_times
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.notes import check_sections, in_format
from service.domain.sessions import HELD, TherapySession
from service.errors import Conflict, Invalid
from service.store import cases, sessions, summary
from service.store.transaction import Unit, transaction

FEWEST, MOST = 2, 20
SHORTEST_NAME = 3


@dataclass(frozen=True)
class Attendee:
    """One record: whether this client came, and what belongs into this record alone."""

    case_id: str
    attendance: Attendance
    own: str = ""


@dataclass(frozen=True)
class GroupDraft:
    """`text` is what every record of somebody who came gets; it names nobody."""

    starts_at: datetime
    ends_at: datetime
    place: str
    format: NoteFormat
    text: str
    attendees: tuple[Attendee, ...]


def grouped(given: Mapping[str, Any]) -> GroupDraft:
    """A draft from the loaded values of schemas.sessions.GroupSchema. Raises Invalid for words about nobody."""
    found = given["attendees"]
    wrong = {
        f"attendees.{case_id}.attendance": "Say whether this client came, or leave the text empty."
        for case_id, each in found.items()
        if each["attendance"] is None and each["own"].strip()
    }
    if wrong:
        raise Invalid("Words stand at a client who is not part of the group.", wrong)
    attendees = tuple(
        Attendee(case_id, each["attendance"], each["own"]) for case_id, each in found.items() if each["attendance"]
    )
    return GroupDraft(**{**given, "attendees": attendees})


def record_group(actor: Actor, draft: GroupDraft) -> tuple[TherapySession, ...]:
    """Place the session in every record, or in none. Raises Invalid naming the field, Conflict when it is there."""
    check_times(SessionDraft(draft.starts_at, draft.ends_at))
    _check_number(draft)
    check_sections(draft.format, in_format(draft.format, {"text": draft.text}))
    with transaction(actor, Action.GROUP_RECORD) as unit:
        found = {each.case_id: _admitted(unit, each.case_id) for each in draft.attendees}
        _refuse_names(draft, found)
        _refuse_again(actor, draft)
        return tuple(_placed(unit, draft, each) for each in draft.attendees)


def _admitted(unit: Unit, case_id: str) -> Case:
    """Each record leaves an audit row of its own, which names that record alone."""
    row = admit(unit, case_id)
    unit.also.append(unit.subject)
    return cases.opened(row)


def _placed(unit: Unit, draft: GroupDraft, each: Attendee) -> TherapySession:
    session = SessionDraft(
        draft.starts_at, draft.ends_at, type=SessionType.GROUP, place=draft.place, attendance=each.attendance
    )
    row = add(unit, each.case_id, session)
    came = each.attendance in HELD
    texts = [part for part in (draft.text if came else "", each.own) if part.strip()]
    if texts:
        first = in_format(draft.format, {"text": "\n\n".join(texts)})
        keep_text(unit, row, draft.format, check_sections(draft.format, first), version=None)
    summary.refresh(each.case_id)
    return sessions.value(row)


def _check_number(draft: GroupDraft) -> None:
    if not FEWEST <= len(draft.attendees) <= MOST:
        words = f"Choose at least {FEWEST} and at most {MOST} clients."
        raise Invalid("A group has several clients.", {"attendees": words})


def _refuse_again(actor: Actor, draft: GroupDraft) -> None:
    """The same form sent twice places nothing twice."""
    for each in draft.attendees:
        for session in sessions.of_case(each.case_id):
            same = session.type is SessionType.GROUP and session.author_id == actor.user_id and not session.wrong
            if same and session.starts_at == draft.starts_at:
                raise Conflict("This group session is in these records already.")


def _refuse_names(draft: GroupDraft, found: Mapping[str, Case]) -> None:
    """What goes into several records names nobody, what goes into one names nobody of another."""
    wrong: dict[str, str] = {}
    if named_in(draft.text, found.values()):
        wrong["text"] = "This names a client. It goes into every record: name people only in their own part."
    for each in draft.attendees:
        others = [case for case_id, case in found.items() if case_id != each.case_id]
        if named_in(each.own, others):
            wrong[f"attendees.{each.case_id}.own"] = "This names another client of the group."
    if named_in(draft.place, found.values()):
        wrong["place"] = "This names a client."
    if wrong:
        raise Invalid("One record must not tell of another client.", wrong)


def named_in(text: str, found: Iterable[Case]) -> bool:
    """Whether a text holds the code of a case, or a whole word of its client's names."""
    words = set(re.findall(r"\w+", text.casefold()))
    return any(case.code.casefold() in text.casefold() or _words_of(case) & words for case in found)


def _words_of(case: Case) -> set[str]:
    names = f"{case.client.chosen_name} {case.client.legal_name}".casefold()
    return {word for word in re.findall(r"\w+", names) if len(word) >= SHORTEST_NAME}
