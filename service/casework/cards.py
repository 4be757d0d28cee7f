"""Cards beside the plans: adding, changing and putting away, the same for each kind.

Rule: the verbs of a kind say which permission it asks and which rules hold; here a card is found and written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from schemas.actions import Action
from service.casework.gate import admit, case_unit, check_version
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cards import Card, texts_of
from service.domain.contact_plans import ContactPlan
from service.domain.networks import Person
from service.domain.proxies import Concern, Proxy
from service.errors import Conflict, NotFound
from service.store import plan_cards, summary
from service.store.base import db
from service.store.plan_cards import KINDS, CardRow
from service.store.transaction import Unit, transaction

T = TypeVar("T")


def add_card(actor: Actor, action: Action, case_id: str, words: T) -> Card[T]:
    with case_unit(actor, action, case_id) as (unit, _row):
        return written(unit, plan_cards.new_card(case_id, actor.user_id, words), words)


@contextmanager
def card_unit(actor: Actor, action: Action, card_id: str, kind: type) -> Iterator[tuple[Unit, CardRow]]:
    """The card with permission asked. Raises NotFound for a missing one, or one of another kind."""
    with transaction(actor, action, f"card/{card_id}") as unit:
        row = plan_cards.card_row(card_id)
        admit(unit, row.case_id if row else None)
        if row is None or row.kind != KINDS[kind]:
            raise NotFound
        yield unit, row


def change_card(actor: Actor, action: Action, card_id: str, words: T, *, version: int) -> Card[T]:
    """Raises Conflict with both texts when somebody else changed it meanwhile."""
    with card_unit(actor, action, card_id, type(words)) as (unit, row):
        check_card(row, words, version)
        return written(unit, row, words)


def put_away(actor: Actor, action: Action, card_id: str, kind: type, *, version: int) -> None:
    """Take a card out of use; it stays in the record."""
    with card_unit(actor, action, card_id, kind) as (unit, row):
        check_version(seen=version, stored=row.version)
        unit.why = "put away"
        row.put_away_at = row.updated_at = clock.now()
        summary.refresh(row.case_id)


def check_card(row: CardRow, words: object, version: int) -> None:
    """Raises Conflict for one that was put away, or that moved on."""
    if row.put_away_at is not None:
        raise Conflict("This was put away. Add it anew to take it up again.")
    theirs = texts_of(plan_cards.card_value(row).words)
    check_version(seen=version, stored=row.version, yours=texts_of(words), theirs=theirs)


def written(unit: Unit, row: CardRow, words: T) -> Card[T]:
    plan_cards.fill(row, unit.actor.user_id, words)
    db.session.flush()
    summary.refresh(row.case_id)
    if isinstance(words, ContactPlan | Person | Concern | Proxy):
        unit.protects_anew(row.case_id)
    return cast(Card[T], plan_cards.card_value(row))
