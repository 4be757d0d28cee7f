"""Who could see a record elsewhere, compared with the person of concern (security.md A2, issue: abuser-proxy check).

Rule: pure, and lenient on purpose. A match that is somebody else costs one answer with a reason; one that is not seen
can cost more. Names are compared without accents, case, order and titles, an initial stands for a name. What is found
is told to who works on the case, and never by the name that was found.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from schemas.proxy_codes import MatchedBy, ProxyKind
from service.domain.leaks import numbers

LEAST_DIGITS = 7
LEAST_ADDRESS = 3
LEAST_STREET = 2  # words: "12 Howth" is no house
MOST_JOINED = 8  # words of a name whose neighbours are read as one word too
# Letters that no normal form takes apart, and two letters that stand for one.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "a", "œ": "o", "ı": "i"})
_PAIRS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_APOSTROPHES = frozenset("'’‘ʼ`´")
_WORD = re.compile(r"[^\W_]+")
_HYPHEN = re.compile(r"[-\u2010\u2011\u2013]")
_BETWEEN = re.compile(r"\s[/\u2013-]\s|\s\s|(?<=\d{7})/")
_PART = re.compile(r"[,;\n]")
_ALONE = re.compile(r"((?:^|[,;\s])\d+[a-zA-Z]?)\s*,")  # "12, Mill Street"
_HOUSE = re.compile(r"\d+[a-z]?")
_TITLES = frozenset({"mr", "mrs", "ms", "mx", "miss", "dr", "prof", "sir", "jr", "sr", "herr", "frau", "sra"})
_SAID_SHORT = {
    "street": "st",
    "strase": "st",
    "strasse": "st",
    "str": "st",
    "road": "rd",
    "avenue": "ave",
    "apartment": "apt",
    "flat": "apt",
    "lane": "ln",
    "drive": "dr",
}


@dataclass(frozen=True)
class Concern:
    """Who the other person is, as far as anybody knows; each text one a line. It never leaves the record."""

    names: str = ""
    numbers: str = ""
    emails: str = ""
    addresses: str = ""

    @property
    def is_known(self) -> bool:
        return any(each.strip() for each in (self.names, self.numbers, self.emails, self.addresses))


@dataclass(frozen=True)
class Proxy:
    """Somebody who could see what arrives elsewhere. `system` says which system told so, `somebody_else` why a match is
    another person. It never leaves the record.
    """

    kind: ProxyKind
    name: str = ""
    numbers: str = ""
    emails: str = ""
    addresses: str = ""
    system: str = ""
    somebody_else: str = ""


def matched(concern: Concern, other: Concern | Proxy) -> tuple[MatchedBy, ...]:
    """What the person of concern and somebody have in common; empty when nothing is."""
    names = other.names if isinstance(other, Concern) else other.name
    found = {
        MatchedBy.NAME: _any(same_name, concern.names, names),
        MatchedBy.NUMBER: _any(same_number, concern.numbers, other.numbers),
        MatchedBy.EMAIL: _any(_same_email, concern.emails, other.emails),
        MatchedBy.ADDRESS: _any(same_address, concern.addresses, other.addresses),
    }
    return tuple(each for each, is_so in found.items() if is_so)


def blocking(concern: Concern, proxies: Iterable[Proxy]) -> tuple[Proxy, ...]:
    """Those who may be the person of concern and were not said to be somebody else."""
    return tuple(each for each in proxies if not each.somebody_else.strip() and matched(concern, each))


def receives(concern: Concern, recipient: str, address: str) -> bool:
    """Whether what leaves would go to the person of concern, by the name or the way it is sent."""
    everything = Concern(names=recipient, numbers=address, emails=address, addresses=address.replace("\n", " "))
    return bool(matched(concern, everything))


def same_name(first: str, second: str) -> bool:
    """Whether every word of the shorter name is in the longer one, by itself or as an initial, and one in full. Two
    words may stand as one, as in Anne-Marie and Annemarie.
    """
    ours, theirs = _spellings(first), _spellings(second)
    return any(_same_words(one, other) for one in ours for other in theirs)


def _same_words(ours: list[str], theirs: list[str]) -> bool:
    one, other = sorted((ours, theirs), key=len)
    if not one or not any(len(word) > 1 and word in other for word in one):
        return False
    left = list(other)
    for word in sorted(one, key=len, reverse=True):
        twin = next((each for each in left if each == word), None) or next(
            (each for each in left if _is_initial(word, each)), None
        )
        if twin is None:
            return False
        left.remove(twin)
    return True


def same_number(first: str, second: str) -> bool:
    """Whether a number of one text ends in a number of the other, country and trunk codes aside."""
    return any(
        one.endswith(other) or other.endswith(one) for one in _every_number(first) for other in _every_number(second)
    )


def same_address(first: str, second: str) -> bool:
    """Whether every word of the shorter address, with a number among them, is in the longer one, or a house number and
    the street beside it are in both.
    """
    if any(_same_house(one, other) for one in _houses(first) for other in _houses(second)):
        return True
    one, other = sorted((_address_words(first), _address_words(second)), key=len)
    return len(one) >= LEAST_ADDRESS and one <= other and any(any(char.isdigit() for char in word) for word in one)


def _any(same: object, ours: str, theirs: str) -> bool:
    return any(same(one, other) for one in _lines(ours) for other in _lines(theirs))  # type: ignore[operator]


def _lines(text: str) -> Sequence[str]:
    return [line for line in text.splitlines() if line.strip()]


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    kept = "".join(each for each in plain if not unicodedata.combining(each) and each not in _APOSTROPHES)
    for pair, single in _PAIRS:
        kept = kept.replace(pair, single)
    return kept


def _name_words(name: str) -> list[str]:
    return [word for word in _WORD.findall(_folded(name)) if word not in _TITLES]


def _spellings(name: str) -> list[list[str]]:
    """The words of a name, then with those joined that stand with a hyphen, then with each two neighbours as one."""
    words = _name_words(name)
    joined = _name_words(_HYPHEN.sub("", name))
    places = range(1, len(words)) if len(words) <= MOST_JOINED else ()
    return [words, joined, *([*words[: at - 1], words[at - 1] + words[at], *words[at + 1 :]] for at in places)]


def _is_initial(one: str, other: str) -> bool:
    return min(len(one), len(other)) == 1 and one[0] == other[0]


def _every_number(text: str) -> frozenset[str]:
    """Each run of digits in a text, and all of them as one number; without the zero that only some dial."""
    plain = unicodedata.normalize("NFKC", text).replace("(0)", "")
    parts = (plain, *_BETWEEN.split(plain))
    found = {"".join(filter(str.isdecimal, plain)).lstrip("0"), *(each for part in parts for each in numbers(part))}
    return frozenset(each for each in found if len(each) >= LEAST_DIGITS)


def _same_email(first: str, second: str) -> bool:
    one, other = (set(re.findall(r"[^\s<>,;]+@[^\s<>,;]+", each.casefold())) for each in (first, second))
    return bool(one & other)


def _address_words(address: str) -> frozenset[str]:
    return frozenset(_said_short(address))


def _said_short(address: str) -> list[str]:
    return [_SAID_SHORT.get(word, word) for word in _WORD.findall(_folded(address))]


def _houses(address: str) -> list[tuple[str, list[str]]]:
    """Each number with the words that follow it up to a comma, and with those before it, the nearest first."""
    found = []
    for part in _PART.split(_ALONE.sub(r"\1 ", address)):
        words = _said_short(part)
        for at, word in enumerate(words):
            if _HOUSE.fullmatch(word):
                found += [(word, _street(words[at + 1 :])), (word, _street(words[:at][::-1]))]
    return [each for each in found if len(each[1]) >= LEAST_STREET]


def _street(words: list[str]) -> list[str]:
    return list(takewhile(str.isalpha, words))


def _same_house(one: tuple[str, list[str]], other: tuple[str, list[str]]) -> bool:
    short, long = sorted((one[1], other[1]), key=len)
    return one[0] == other[0] and long[: len(short)] == short
