"""Summaries of treatment for another clinician: what one could leave by, keeping what left, reading it again.

Rule: a summary is kept in the transaction that writes its row in the log of what left, and only what left is kept. What
the author's supervisor cosigns waits as a file in its request, and leaves as the bytes that were agreed to, or never.
"""

from dataclasses import dataclass, replace

from schemas.actions import Action
from schemas.request_codes import AskedBy, RequestKind, RequestStep
from service.casework.disclosures import disclose
from service.casework.gate import admit, case_unit, opened_for, practice_today
from service.casework.leaks import find_leaks, is_closed, let_pass
from service.casework.records import Record, collected
from service.casework.requests import Cosigning, admitted, cosigning_of, held, keep, put_to_cosign, take
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.disclosures import by_release
from service.domain.leaks import tokens
from service.domain.releases import Release
from service.domain.requests import Asking, Proposal, Request
from service.domain.summaries import (
    Cosign,
    Summary,
    SummaryDraft,
    SummaryWords,
    carries,
    faults,
    left_as,
    passages,
)
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import accounts, releases, requests, treatment_summaries
from service.store.base import db
from service.store.cases import CaseRow
from service.store.requests import Content
from service.store.transaction import Unit, transaction

NEEDS_RELEASE = "A summary leaves by a release. Choose one that is in force and covers a written summary."
COSIGNED = "A supervisor cosigns what you write. Send it to cosign: it leaves once your supervisor agreed to it."
NO_FILE = "No summary waits here: none was sent to cosign, or it came back, left or was closed."
NOT_ITS_AUTHOR = "Whoever wrote it lets it leave, or closes it."


@dataclass(frozen=True)
class SummaryDesk:
    """The kept summaries of a case, newest first, the releases that another could leave by, and what the reader sent to
    cosign.
    """

    case: Case
    summaries: tuple[Summary, ...]
    releases: tuple[Release, ...]
    cosigning: Cosigning


@dataclass(frozen=True)
class Drafted:
    """A summary about to be made: from this record, by this release. `is_cosigned`: it is sent to cosign first."""

    record: Record
    release: Release
    is_cosigned: bool = False


def read_summaries(actor: Actor, case_id: str) -> SummaryDesk:
    with case_unit(actor, Action.SUMMARY_READ, case_id) as (_unit, row):
        today, found = practice_today(actor), releases.of_case(case_id)
        able = tuple(each for each in found if carries(each, today))
        kept, cosigning = treatment_summaries.of_case(case_id), cosigning_of(actor, row, RequestKind.SUMMARY)
        return SummaryDesk(opened_for(actor, row), kept, able, cosigning)


def read_summary(actor: Actor, summary_id: str) -> Summary:
    """Raises NotFound for one of a case that is hidden."""
    with transaction(actor, Action.SUMMARY_READ, f"summary/{summary_id}") as unit:
        row = treatment_summaries.row(summary_id)
        admit(unit, row.case_id if row else None)
        if row is None:
            raise NotFound
        return treatment_summaries.value(row)


def draft_summary(actor: Actor, case_id: str, release_id: str) -> Drafted:
    """What a summary would be made of. Raises Invalid for a release that carries none."""
    with case_unit(actor, Action.SUMMARY_MAKE, case_id) as (_unit, row):
        release = _release(actor, case_id, release_id)
        record = replace(collected(row), case=opened_for(actor, row))
        return Drafted(record, release, accounts.is_cosigned(actor.user_id))


def keep_summary(actor: Actor, case_id: str, release_id: str, words: SummaryWords, file: bytes) -> Summary:
    """Let it leave and keep it. Raises Invalid at the finds of the leak guard, where it may not leave, and for somebody
    whom a supervisor cosigns.
    """
    with case_unit(actor, Action.SUMMARY_MAKE, case_id) as (unit, row):
        if accounts.is_cosigned(actor.user_id):
            raise Invalid(COSIGNED, {"release_id": COSIGNED})
        release = _release(actor, case_id, release_id)
        return _leave(unit, row, release, _checked(unit, row, release, words), file)


def send_summary(actor: Actor, case_id: str, draft: SummaryDraft, told: str, file: bytes) -> Request:
    """The file that would leave, sealed, and all that it says, to who cosigns its author. The same choice that waits or
    came back gets these; the same words sent again change nothing. Raises Conflict for somebody whom nobody cosigns,
    Invalid as above.
    """
    with case_unit(actor, Action.REQUEST_WRITE, case_id) as (unit, row):
        release = _release(actor, case_id, draft.release_id)
        draft = replace(draft, words=_checked(unit, row, release, draft.words))
        about = " to ".join(f"{each.day} {each:%b %Y}" for each in (draft.words.since, draft.words.until))
        asking = Asking(RequestKind.SUMMARY, AskedBy.CLIENT, draft.words.recipient, about, practice_today(actor))
        made = Content(asking, proposal=Proposal(draft.words.classes, told), draft=draft)
        sent = put_to_cosign(unit, case_id, made, alike=lambda each: _choice(each.draft) == _choice(draft))
        if requests.content(sent).draft == draft:
            requests.put_file(sent, file)
            db.session.flush()
        return requests.value(sent)


def read_sent(actor: Actor, request_id: str) -> bytes:
    """The very file that waits to be cosigned or to leave. Raises Conflict where none does."""
    with transaction(actor, Action.REQUEST_READ, f"request/{request_id}") as unit:
        file = requests.file(admitted(unit, request_id))
        if file is None:
            raise Conflict(NO_FILE)
        return file


def let_leave(actor: Actor, request_id: str, *, version: int) -> Summary:
    """What its author's supervisor agreed to, as the bytes that were read; its request is over. Raises Conflict before
    that and after, NotAllowed for anybody else, Invalid where it may not leave any more.
    """
    with held(actor, Action.SUMMARY_MAKE, request_id, version) as (unit, asked):
        content, file, cosigned_at = requests.content(asked), requests.file(asked), asked.updated_at
        if content.draft is None:
            raise Conflict(NO_FILE)
        if asked.author_id != actor.user_id:
            raise NotAllowed(NOT_ITS_AUTHOR)
        take(unit, asked, RequestStep.CLOSE)
        row = db.session.get_one(CaseRow, asked.case_id)
        release = _release(actor, row.id, content.draft.release_id)
        cosign = Cosign(content.draft.signed_at, asked.approver_id or "", cosigned_at)
        words = _checked(unit, row, release, replace(content.draft.words, cosign=cosign))
        keep(asked, content)
        return _leave(unit, row, release, words, file or b"")


def _choice(draft: SummaryDraft | None) -> tuple[object, ...]:
    return (draft.release_id, draft.words.since, draft.words.until) if draft else ()


def _checked(unit: Unit, row: CaseRow, release: Release, words: SummaryWords) -> SummaryWords:
    """The words with what was confirmed as it is kept, by tokens; what was kept so already holds on. Raises Invalid."""
    wrong = faults(release, words.classes, practice_today(unit.actor))
    if wrong:
        raise Invalid("This may not leave.", wrong)
    found = find_leaks(collected(row), passages(words.sections))
    confirmed = {*words.confirmed, *(each.key for each in found if each.token in words.confirmed)}
    let_pass(unit, found, confirmed, closed=is_closed(row))
    return replace(words, confirmed=tokens(found, confirmed))


def _leave(unit: Unit, row: CaseRow, release: Release, words: SummaryWords, file: bytes) -> Summary:
    logged = disclose(unit, row, left_as(words, file), by_release(release))
    kept = treatment_summaries.add(logged, unit.actor.user_id, words, file)
    unit.changed("summary", kept.id, 1, case_id=row.id)
    return kept


def _release(actor: Actor, case_id: str, release_id: str) -> Release:
    row = releases.row(release_id) if release_id else None
    if row is None or row.case_id != case_id or not carries(releases.value(row), practice_today(actor)):
        raise Invalid(NEEDS_RELEASE, {"release_id": NEEDS_RELEASE})
    return releases.value(row)
