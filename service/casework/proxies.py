"""Who could see the record elsewhere, and who the other person is: keeping both, and what the comparison finds.

Rule: for whoever works on the case alone. Each change holds the links of the case against the gate.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.actions import Action
from schemas.proxy_codes import MatchedBy
from service.casework.cards import card_unit, check_card, written
from service.casework.gate import case_unit, check_version, opened_for
from service.casework.leaving import hold_links
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cards import Card, texts_of
from service.domain.cases import Case
from service.domain.proxies import Concern, Proxy, blocking, matched
from service.errors import Invalid
from service.store import plan_cards
from service.store.plan_cards import CardRow
from service.store.transaction import Unit

SAY_WHO = "Say who it is: a name, a number, an e-mail address or where they live."


@dataclass(frozen=True)
class KnownProxy:
    """Somebody who could see it elsewhere, and what they have in common with the other person."""

    card: Card[Proxy]
    matched: tuple[MatchedBy, ...]
    blocks: bool


@dataclass(frozen=True)
class ProxyDesk:
    """Everybody who is known of, those in front whom nothing may reach. `concern` is None before it was written."""

    case: Case
    concern: Card[Concern] | None
    proxies: tuple[KnownProxy, ...]

    @property
    def blocks(self) -> bool:
        return any(each.blocks for each in self.proxies)


def read_proxies(actor: Actor, case_id: str, action: Action = Action.PROXY_READ) -> ProxyDesk:
    with case_unit(actor, action, case_id) as (_unit, row):
        concern = _concern(case_id)
        known = [_known(each, concern) for each in plan_cards.in_use(case_id, Proxy)]
        known.sort(key=lambda each: (not each.blocks, not each.matched))
        return ProxyDesk(opened_for(actor, row), concern, tuple(known))


def save_concern(actor: Actor, case_id: str, concern: Concern, *, version: int) -> Card[Concern]:
    """Who the other person is, seen as `version` (0 before the first). Raises Conflict."""
    with case_unit(actor, Action.PROXY_WRITE, case_id) as (unit, _row):
        row, stands = plan_cards.only_row(case_id, Concern), _concern(case_id)
        theirs: Mapping[str, str] = texts_of(stands.words) if stands else {}
        check_version(seen=version, stored=row.version if row else 0, yours=texts_of(concern), theirs=theirs)
        kept = written(unit, row or plan_cards.new_card(case_id, actor.user_id, concern), concern)
        hold_links(unit, case_id)
        return kept


def add_proxy(actor: Actor, case_id: str, proxy: Proxy) -> KnownProxy:
    with case_unit(actor, Action.PROXY_WRITE, case_id) as (unit, _row):
        _check(proxy)
        return keep(unit, plan_cards.new_card(case_id, actor.user_id, proxy), proxy)


def save_proxy(actor: Actor, proxy_id: str, proxy: Proxy, *, version: int) -> KnownProxy:
    """Raises Conflict with both texts when somebody else changed it meanwhile."""
    with card_unit(actor, Action.PROXY_WRITE, proxy_id, Proxy) as (unit, row):
        _check(proxy)
        check_card(row, proxy, version)
        return keep(unit, row, proxy)


def put_proxy_away(actor: Actor, proxy_id: str, *, version: int) -> None:
    """They can no longer see it there; what was known of them stays in the record."""
    with card_unit(actor, Action.PROXY_WRITE, proxy_id, Proxy) as (unit, row):
        check_version(seen=version, stored=row.version)
        unit.why = "put away"
        row.put_away_at = row.updated_at = clock.now()


def keep(unit: Unit, row: CardRow, proxy: Proxy) -> KnownProxy:
    """Write them down inside a transaction that has admitted the case."""
    card = written(unit, row, proxy)
    hold_links(unit, row.case_id)
    return _known(card, _concern(row.case_id))


def _concern(case_id: str) -> Card[Concern] | None:
    return next(iter(plan_cards.in_use(case_id, Concern)), None)


def _known(card: Card[Proxy], concern: Card[Concern] | None) -> KnownProxy:
    compared = concern.words if concern else Concern()
    return KnownProxy(card, matched(compared, card.words), bool(blocking(compared, [card.words])))


def _check(proxy: Proxy) -> None:
    if not any(each.strip() for each in (proxy.name, proxy.numbers, proxy.emails, proxy.addresses)):
        raise Invalid("This says nobody.", {"name": SAY_WHO})
