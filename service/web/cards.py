"""What the pages of the toolkit, the network and the contact plan share: the list, and the form of one card.

Rule: a card of another case is missing, whatever its kind.
"""

from typing import Any

from flask.wrappers import Response

from service.casework.records import Record
from service.domain.cards import Card
from service.errors import NotFound
from service.web.case_frame import banner_of
from service.web.frame import show


def cards_page(name: str, task: str, record: Record, **context: object) -> Response:
    return show(
        f"pages/{name}.html",
        task=f"{task} {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        **context,
    )


def card_page(name: str, record: Record, wanted: tuple[type, str | None], **context: object) -> Response:
    """The form of the wanted card (kind and id), or of a new one."""
    kind, card_id = wanted
    return cards_page(name, "Plan", record, card=card_of(record, kind, card_id) if card_id else None, **context)


def card_of(record: Record, kind: type, card_id: str) -> Card[Any]:
    every: tuple[Card[Any], ...] = record.cards_of(kind)
    found = next((each for each in every if each.id == card_id), None)
    if found is None:
        raise NotFound
    return found
