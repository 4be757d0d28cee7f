"""A card: a small record of its own beside the plans (contact plan, boundary, tool, person), kept with a version.

Rule: `words` is what was typed, sealed as a whole. A card that is put away stays in the record.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Card(Generic[T]):
    """`put_away_at` is when it went out of use, None while it is in use."""

    id: str
    case_id: str
    words: T
    author_name: str
    version: int
    updated_at: datetime
    put_away_at: datetime | None = None


def texts_of(words: object) -> Mapping[str, str]:
    """The texts of a card by name, for showing two of them side by side."""
    found = {each.name: getattr(words, each.name) for each in fields(words)}  # type: ignore[arg-type]
    return {name: str(value) for name, value in found.items() if isinstance(value, str)}
