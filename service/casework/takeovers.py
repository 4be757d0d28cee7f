"""Taking data over from another system: looked at beside what is here, then chosen, then taken over all or none.

Rule: what is taken over is what was shown; a record that moved on meanwhile is looked at anew. Each thing keeps from
which system it came, when, and by whom.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.actions import Action
from schemas.takeover_codes import Meeting
from schemas.vocabulary import Attendance
from service.casework import cases as case_verbs
from service.casework import intakes as intake_verbs
from service.casework import proxies, sessions
from service.casework.crisis import check_current
from service.casework.fetching import Source, sources
from service.casework.gate import admit, case_unit, opened_for, practice_today
from service.casework.instruments import usable
from service.casework.intakes import IntakeDraft, Place
from service.casework.sessions import SessionDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cards import Card
from service.domain.cases import Case, Client
from service.domain.proxies import Proxy
from service.domain.sessions import LONGEST
from service.domain.takeovers import (
    Arrival,
    Change,
    Colleague,
    Facts,
    Offer,
    Taken,
    Visit,
    changes_of,
    digest_of,
    same_proxy,
    why_not_this_client,
    with_facts,
)
from service.errors import Conflict, Invalid
from service.store import cases, conflicts, intakes, outside_records, plan_cards, summary
from service.store import sessions as session_store
from service.store.cases import CaseRow
from service.store.transaction import Unit, transaction

CHANGED = "What is here changed since the file was shown. Look at it again, then choose."
PAST = "It lies in the past or lasts too long. Record what took place by hand."
MOVED = "It was taken over before and has another time now. Change the session by hand."
CHOOSE = "Choose what to take over."


@dataclass(frozen=True)
class TakeoverDesk:
    """A case with everything that was taken over before, newest first, and whose servers can be asked."""

    case: Case
    taken: tuple[Taken, ...]
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Looked:
    """A file beside what is here; `seen` goes back with the choice."""

    case: Case
    offers: tuple[Offer, ...]
    seen: str


@dataclass(frozen=True)
class Choice:
    """What to take over by its places, from which system, and the digest of what was shown."""

    system: str
    take: tuple[str, ...]
    seen: str


@dataclass(frozen=True)
class Stands:
    """What of a case an arrival is compared with."""

    client: Client
    proxies: tuple[Card[Proxy], ...]
    taken: tuple[Taken, ...]


def read_takeovers(actor: Actor, case_id: str) -> TakeoverDesk:
    with case_unit(actor, Action.RECORD_IMPORT, case_id) as (_unit, row):
        taken = outside_records.of_case(case_id)
        return TakeoverDesk(opened_for(actor, row), taken, sources(row, taken))


def look_at(actor: Actor, case_id: str, arrivals: Sequence[Arrival]) -> Looked:
    """What a file holds beside what is here. Raises Invalid where it is not about this client."""
    with case_unit(actor, Action.RECORD_IMPORT, case_id) as (unit, row):
        unit.why = "looked at"
        offers = _offers(actor, row, arrivals)
        return Looked(opened_for(actor, row), offers, digest_of(offers))


def take_over(actor: Actor, case_id: str, arrivals: Sequence[Arrival], choice: Choice) -> tuple[Offer, ...]:
    """Take the chosen over, all or none. Raises Conflict when something moved on, Invalid naming what cannot be."""
    with transaction(actor, Action.RECORD_IMPORT, f"case/{case_id}") as unit:
        conflicts.hold(actor.practice_id)
        row = admit(unit, case_id)
        offers = _offers(actor, row, arrivals)
        if digest_of(offers) != choice.seen:
            raise Conflict(CHANGED)
        chosen = _chosen(offers, set(choice.take))
        for each in chosen:
            record_id = _take(unit, row, each)
            outside_records.add(case_id, actor.user_id, each.arrival, choice.system, record_id)
        unit.why = f"{len(chosen)} taken over"
        summary.refresh(case_id)
        return chosen


def _chosen(offers: Sequence[Offer], take: set[str]) -> tuple[Offer, ...]:
    able = {each.arrival.at: each for each in offers if each.can_be_taken}
    wrong = dict.fromkeys(sorted(take - able.keys()), "This cannot be taken over.")
    if wrong or not take:
        raise Invalid("The choice needs a change.", wrong or {"take": CHOOSE})
    return tuple(each for at, each in able.items() if at in take)


def _offers(actor: Actor, row: CaseRow, arrivals: Sequence[Arrival]) -> tuple[Offer, ...]:
    stands = Stands(cases.client_of(row), plan_cards.in_use(row.id, Proxy), outside_records.of_case(row.id))
    for each in arrivals:
        if isinstance(each.value, Facts):
            today = practice_today(actor)
            reason = why_not_this_client(each.value, each.identifier, stands.client, stands.taken, today)
            if reason:
                raise Invalid(reason, {each.at: reason})
    return tuple(_offer(row.id, each, stands) for each in arrivals)


def _offer(case_id: str, arrival: Arrival, stands: Stands) -> Offer:
    match arrival.value:
        case Facts() as facts:
            return _compared(arrival, changes_of(stands.client, with_facts(stands.client, facts)))
        case Proxy() as proxy:
            known = next((each for each in stands.proxies if same_proxy(each.words, proxy)), None)
            return _compared(arrival, changes_of(known.words, proxy)) if known else Offer(arrival, Meeting.NEW)
        case Visit() as visit:
            return _of_visit(case_id, arrival, visit, stands)
        case Colleague():
            known_before = any(_is_same(each, arrival) and each.title == arrival.title for each in stands.taken)
            return Offer(arrival, Meeting.SAME if known_before else Meeting.NEW)
        case IntakeDraft() as draft:
            return Offer(arrival, Meeting.SAME if _is_kept(case_id, draft) else Meeting.NEW)
        case _:
            return Offer(arrival, Meeting.REFUSED, arrival.refused)


def _compared(arrival: Arrival, changes: tuple[Change, ...]) -> Offer:
    return Offer(arrival, Meeting.DIFFERS if changes else Meeting.SAME, changes=changes)


def _of_visit(case_id: str, arrival: Arrival, visit: Visit, stands: Stands) -> Offer:
    here = {each.id: each for each in session_store.of_case(case_id) if not each.wrong}
    if any(each.starts_at == visit.starts_at for each in here.values()):
        return Offer(arrival, Meeting.SAME)
    if any(_is_same(each, arrival) and each.record_id in here for each in stands.taken):
        return Offer(arrival, Meeting.REFUSED, MOVED)
    fits = clock.now() < visit.starts_at < visit.ends_at <= visit.starts_at + LONGEST
    return Offer(arrival, Meeting.NEW) if fits else Offer(arrival, Meeting.REFUSED, PAST)


def _is_same(taken: Taken, arrival: Arrival) -> bool:
    return bool(arrival.identifier) and (taken.type, taken.identifier) == (arrival.type, arrival.identifier)


def _is_kept(case_id: str, draft: IntakeDraft) -> bool:
    kept = intakes.of_case(case_id, draft.instrument_key)
    return any((each.authored_at, each.answers) == (draft.authored_at, draft.answers) for each in kept)


def _take(unit: Unit, row: CaseRow, offer: Offer) -> str | None:
    """Write one thing down; returns the record that it became."""
    match offer.arrival.value:
        case Facts() as facts:
            client = with_facts(cases.client_of(row), facts)
            case_verbs.check_client(client, practice_today(unit.actor))
            case_verbs.put_part(unit, row, "client", client)
            return row.id
        case Proxy() as proxy:
            return _take_proxy(unit, row.id, proxy)
        case Visit() as visit:
            draft = SessionDraft(visit.starts_at, visit.ends_at, attendance=Attendance.PLANNED)
            return sessions.add(unit, row.id, draft).id
        case IntakeDraft() as response:
            check_current(unit.actor.practice_id)
            place = Place(row.id, usable(unit.actor, response.instrument_key))
            return intake_verbs.keep(unit, place, response).intake.id
        case _:
            return None


def _take_proxy(unit: Unit, case_id: str, proxy: Proxy) -> str:
    """An answer that a match is somebody else holds for what was known then, so it does not stay over a change."""
    known = next((each for each in plan_cards.in_use(case_id, Proxy) if same_proxy(each.words, proxy)), None)
    row = plan_cards.card_row(known.id) if known else None
    return proxies.keep(unit, row or plan_cards.new_card(case_id, unit.actor.user_id, proxy), proxy).card.id
