"""The copy question, the same for everything that a client may take along on paper.

Rule: asked first; without a neutral title and a place to keep it nothing is made, and the place is not recorded.
"""

from collections.abc import Collection
from dataclasses import dataclass

from schemas.vocabulary import CopyAnswer
from service.domain.safety import COPY_TITLES
from service.errors import Invalid

ON_PAPER = frozenset({CopyAnswer.COPY, CopyAnswer.CARD})


@dataclass(frozen=True)
class CopyWish:
    """The answers to the copy question where there is to be a copy; `confirmed` are finds of the leak guard that the
    client confirmed by name.
    """

    title: str
    kept_where: str
    confirmed: tuple[str, ...] = ()
    answer: CopyAnswer = CopyAnswer.COPY


def check_wish(wish: CopyWish, shapes: Collection[CopyAnswer] = ON_PAPER) -> None:
    """Raises Invalid naming what is missing."""
    wrong = {} if wish.title in COPY_TITLES else {"title": "Choose one of the neutral titles."}
    if not wish.kept_where.strip():
        wrong["kept_where"] = "Ask where the copy will be kept before it is made."
    if wish.answer not in shapes:
        wrong["answer"] = "This cannot be made here."
    if wrong:
        raise Invalid("The copy cannot be made yet.", wrong)
