"""The conflict check: when two cases of one practice name one person, and who may be told.

Rule: names are compared by keyed hash and never kept for it. Whoever works on a case is never told that another case
names the person, so that the therapist of one of a couple cannot learn of the other. A match is for a supervisor who
is the therapist of neither, or may read both cases anyway; a restricted case shows in none.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from schemas.conflict_codes import ConflictAnswer, NamedAs
from schemas.vocabulary import CaseState, Relation
from service.domain.access import CaseFacts

MINE = frozenset({Relation.OWNER, Relation.COVER})
# Letters that no normal form takes apart.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_APOSTROPHE = re.compile("['\u2019\u2018\u02bc`]")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Mark:
    """A person as keyed hashes: of the name, and of name and birth date together where that is known."""

    name: str
    born: str | None = None


@dataclass(frozen=True)
class StaffMatch:
    """Somebody of the staff with a name that a case names."""

    account_id: str
    name: str
    named_as: NamedAs
    kept_away: bool


@dataclass(frozen=True)
class Side:
    """One of the two cases of a match."""

    case_id: str
    code: str
    therapist_name: str
    named_as: NamedAs


@dataclass(frozen=True)
class Match:
    """Two cases that name one person, the one found first in front."""

    id: str
    sides: tuple[Side, Side]
    by_birth_date: bool
    found_at: datetime
    answer: ConflictAnswer | None
    answered_by: str
    answered_at: datetime | None
    version: int


def folded_name(name: str) -> str:
    """The words of a name without case and accents, in the order of the alphabet."""
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    return " ".join(sorted(_WORD.findall("".join(each for each in plain if not unicodedata.combining(each)))))


def ways_to_write(names: Iterable[str]) -> frozenset[str]:
    """Each name folded, with what an apostrophe parts as one word and as two."""
    return frozenset(folded_name(_APOSTROPHE.sub(put, each)) for each in names for put in ("", " ")) - {""}


def marks_of(names: Iterable[str], born: date | None, keyed: Callable[[str], str]) -> tuple[Mark, ...]:
    """A mark for each way to write a name. One word is too common to say anything without a birth date."""
    marks = (_mark(each, f"{each}|{born}" if born else "", keyed) for each in sorted(ways_to_write(names)))
    return tuple(each for each in marks if each is not None)


def same_person(first: Mark, second: Mark) -> bool:
    """Whether two marks may be of one person: the same name, and no two birth dates that differ."""
    return first.name == second.name and (None in (first.born, second.born) or first.born == second.born)


def may_be_told(first: CaseFacts, second: CaseFacts) -> bool:
    """Whether a supervisor who stands so to the two cases may learn that they name one person."""
    both = (first, second)
    if any(each.relation in _SHUT or each.states & _NOT_THERE - _known(each) for each in both):
        return False
    reads_both = all(each.relation in MINE | {Relation.SUPERVISES} for each in both)
    return reads_both or not any(each.relation in MINE for each in both)


_SHUT = frozenset({Relation.BLOCKED, Relation.STRANGER})
_NOT_THERE = frozenset({CaseState.SEALED, CaseState.PURGED})


def _known(facts: CaseFacts) -> frozenset[CaseState]:
    """A restricted case is there for those who work on it."""
    return frozenset({CaseState.SEALED}) if facts.relation in MINE else frozenset()


def _mark(folded: str, dated: str, keyed: Callable[[str], str]) -> Mark | None:
    if " " in folded:
        return Mark(keyed(folded), keyed(dated) if dated else None)
    return Mark(keyed(dated), keyed(dated)) if dated else None
