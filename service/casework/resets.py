"""What takes two people at an account: a reset link, and a supervisor's way to a therapist's cases.

Rule: whoever asks never holds the link, whoever grants never asked, and the owner is told (security.md, A3 and A4).
"""

from dataclasses import dataclass

from schemas.actions import Action
from schemas.vocabulary import LinkKind, Role
from service.casework.gate import colleague, practice_unit
from service.casework.successions import to_confirm
from service.domain import clock
from service.domain.access import role_may
from service.domain.accounts import Reset, Succession, SupervisionLink
from service.domain.actors import Actor
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import accounts, resets
from service.store.base import db
from service.store.resets import ResetRow


@dataclass(frozen=True)
class Matters:
    """What waits for the actor at their account: offers of supervision, resets to grant, resets of their own, and
    who is to take over from an ended account.
    """

    offers: tuple[SupervisionLink, ...]
    waiting: tuple[Reset, ...]
    told: tuple[Reset, ...]
    successions: tuple[Succession, ...] = ()


def ask_reset(actor: Actor, account_id: str) -> Reset:
    """Ask for a reset link for somebody else's account; it exists when a second person has granted it."""
    with practice_unit(actor, Action.PEOPLE_RESET, f"account/{account_id}"):
        row = colleague(actor, account_id)
        if row.id == actor.user_id:
            raise NotAllowed("Ask another administrator to reset your own account.")
        if not role_may(Action.SIGN_IN, Role(row.role)):
            raise Invalid("A connected system signs in by its token only.", {"account_id": "Choose a person."})
        asked = next((each for each in resets.waiting(actor.practice_id) if each.account_id == row.id), None)
        return resets.value(asked or resets.ask(actor.practice_id, row.id, actor.user_id))


def list_resets(actor: Actor) -> tuple[Reset, ...]:
    """Resets that wait for somebody like the actor."""
    with practice_unit(actor, Action.RESET_LIST):
        return _to_grant(actor)


def grant_reset(actor: Actor, reset_id: str) -> tuple[Reset, str]:
    """Make the link, which only this second person sees, once. Raises NotAllowed for who asked and for the owner."""
    with practice_unit(actor, Action.RESET_GRANT, f"reset/{reset_id}") as unit:
        row = _answerable(actor, reset_id)
        unit.subject = f"account/{row.account_id}"
        row.second_id, row.granted_at = actor.user_id, clock.now()
        return resets.value(row), accounts.issue_link(row.account_id, LinkKind.RESET)


def refuse_reset(actor: Actor, reset_id: str) -> None:
    with practice_unit(actor, Action.RESET_REFUSE, f"reset/{reset_id}") as unit:
        row = _answerable(actor, reset_id)
        unit.subject = f"account/{row.account_id}"
        row.second_id, row.refused_at = actor.user_id, clock.now()


def take_note(actor: Actor) -> None:
    """The owner has read every reset of their account that was granted so far."""
    with practice_unit(actor, Action.RESET_SEEN, f"account/{actor.user_id}"):
        for row in resets.unseen(actor.user_id):
            row.seen_at = clock.now()


def answer_supervision(actor: Actor, supervisor_id: str, *, agree: bool) -> None:
    """Let a proposed supervisor read the actor's cases, or take the proposal away. Raises Conflict without one."""
    with practice_unit(actor, Action.SUPERVISION_ANSWER, f"account/{supervisor_id}"):
        row = accounts.supervision_row(supervisor_id, actor.user_id)
        if row is None or row.agreed_at is not None:
            raise Conflict("This proposal is not there any more.")
        if agree:
            row.agreed_at = clock.now()
        else:
            db.session.delete(row)


def my_matters(actor: Actor) -> Matters:
    with practice_unit(actor, Action.ACCOUNT_READ):
        links = accounts.supervision(actor.practice_id)
        offers = tuple(each for each in links if each.therapist_id == actor.user_id and not each.agreed)
        told = tuple(resets.value(each) for each in resets.unseen(actor.user_id))
        seconds = role_may(Action.RESET_GRANT, actor.role)
        return Matters(offers, _to_grant(actor) if seconds else (), told, to_confirm(actor) if seconds else ())


def anything_waits(actor: Actor) -> bool:
    """Whether the account page has something for the actor; joins the running transaction."""
    links = accounts.supervision(actor.practice_id)
    offered = any(each.therapist_id == actor.user_id and not each.agreed for each in links)
    to_grant = role_may(Action.RESET_GRANT, actor.role) and (_to_grant(actor) or to_confirm(actor))
    return bool(offered or to_grant or resets.unseen(actor.user_id))


def _to_grant(actor: Actor) -> tuple[Reset, ...]:
    rows = resets.waiting(actor.practice_id)
    return tuple(resets.value(each) for each in rows if actor.user_id not in (each.account_id, each.asked_by))


def _answerable(actor: Actor, reset_id: str) -> ResetRow:
    row = resets.row(reset_id)
    if row is None or row.practice_id != actor.practice_id:
        raise NotFound
    if actor.user_id in (row.account_id, row.asked_by):
        raise NotAllowed("Somebody else must grant this: not who asked for it, and not whose account it is.")
    if all(each.id != row.id for each in resets.waiting(actor.practice_id)):
        raise NotFound
    return row
