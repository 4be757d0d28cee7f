"""The leak guard: protected values found in words that are about to leave (domain.md 3.1; issue: leak guard).

Rule: pure, and nothing is kept: whoever asks hands in the values, opened for this one question. What is found must be
taken out, or confirmed by name; a value of class N cannot be confirmed. A find is a help, never a promise: words that
say the same differently are not found.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from service.domain.leak_words import COMMON

LEAST = 4  # letters and digits of a value; shorter ones stand in too many words
LEAST_NUMBER = 6  # digits of a phone or account number, without leading zeros
LONGEST_PHRASE = 5  # words; of a longer sentence each stretch of STRETCH words counts
STRETCH = 4
_WORD = re.compile(r"[^\W_]+")
_MAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,200}\.\w{2,24}")
_BREAK = re.compile(r"[\n,;:()!?\u2022]|\.(?=\s|$)")
_NUMBER = re.compile(r"\d(?:[\s()./-]{0,3}\d)+")
_MOST_GROUPS = 16


@dataclass(frozen=True)
class Protected:
    """A value that must not leave: what it is, as `name` tells it. `key` holds no content."""

    key: str
    name: str
    text: str
    confirmable: bool = False
    is_name: bool = False


@dataclass(frozen=True)
class Passage:
    """Words that are about to leave, and where they stand."""

    key: str
    where: str
    text: str


@dataclass(frozen=True)
class Leak:
    """One protected value found in one passage; `words` are those of the passage."""

    key: str
    where: str
    name: str
    words: str
    confirmable: bool

    @property
    def token(self) -> str:
        """The find with what was found, for keeping sealed: a confirmation holds for these words and for no others."""
        return f"{self.key}={folded(self.words)}"


class Guard:
    """Protected values made ready for looking through texts. Lives for one question, in memory alone."""

    def __init__(self, protected: Iterable[Protected]) -> None:
        self.protected = tuple(protected)
        self._phrases: dict[str, Protected] = {}
        self._numbers: dict[str, Protected] = {}
        for each in sorted(self.protected, key=lambda each: each.confirmable, reverse=True):
            self._phrases.update(dict.fromkeys(phrases(each), each))
            self._numbers.update(dict.fromkeys(numbers(each.text), each))
        self._unspaced = [each for each in self._phrases if _is_unspaced(each)]
        # With what a phrase can begin: of most words it is known at once that none does.
        self._beginnings = {each[:length] for each in self._phrases for length in range(len(each) + 1)} | {""}
        self._known = _Folded()

    def but(self, confirmed: Collection[str]) -> "Guard":
        """The same without these values, by their keys, and without others that say the same and could be confirmed."""
        said = {folded(each.text) for each in self.protected if each.key in confirmed}
        return Guard(each for each in self.protected if not (each.confirmable and folded(each.text) in said))

    def tells(self, text: str) -> bool:
        """Whether a text holds a protected value at all."""
        return next(self._found(text), None) is not None

    def leaks(self, passages: Iterable[Passage]) -> tuple[Leak, ...]:
        """Every value once for each passage that holds it, in the order of the passages."""
        found: dict[str, Leak] = {}
        for passage in passages:
            for value, words in self._found(passage.text):
                key = f"{passage.key}:{value.key}"
                found.setdefault(key, Leak(key, passage.where, value.name, words, value.confirmable))
        return tuple(found.values())

    def _found(self, text: str) -> Iterator[tuple[Protected, str]]:
        yield from self._found_phrases(text)
        yield from self._found_numbers(text)

    def _found_phrases(self, text: str) -> Iterator[tuple[Protected, str]]:
        plain = list(map(self._known.__getitem__, _WORD.findall(text)))
        for first, word in enumerate(plain):
            if word in self._beginnings:
                yield from self._found_from(first, plain, text)
        joined = "".join(plain)
        yield from ((self._phrases[each], each) for each in self._unspaced if each in joined)

    def _found_from(self, first: int, plain: Sequence[str], text: str) -> Iterator[tuple[Protected, str]]:
        """Phrases that begin with this word."""
        joined = ""
        for last in range(first, len(plain)):
            joined += plain[last]
            if joined not in self._beginnings:
                break
            if joined in self._phrases:
                words = list(_WORD.finditer(text))
                yield self._phrases[joined], text[words[first].start() : words[last].end()]

    def _found_numbers(self, text: str) -> Iterator[tuple[Protected, str]]:
        for run in _NUMBER.finditer(text) if self._numbers else ():
            for digits in _stretches(re.findall(r"\d+", run[0])):
                value = next((self._numbers[each] for each in self._numbers if _same_number(digits, each)), None)
                if value is not None:
                    yield value, run[0]


class _Folded(dict[str, str]):
    """Each word folded once, as long as a question takes."""

    def __missing__(self, word: str) -> str:
        known = self[word] = folded(word)
        return known


def folded(text: str) -> str:
    """Letters and digits alone, without case, accents, spacing and the like."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in plain if each.isalnum())


def phrases(value: Protected) -> frozenset[str]:
    """The folded phrases by which a value is known again."""
    found = {folded(value.text)} if value.is_name else set()
    for line in value.text.splitlines():
        found |= set(map(folded, _MAIL.findall(line)))
        for part in _BREAK.split(_MAIL.sub(" ", line)):
            found |= set(_of_part(_WORD.findall(part), whole=folded(part) == folded(line)))
    return frozenset(each for each in found if len(each) >= _least(each, is_name=value.is_name))


def numbers(text: str) -> frozenset[str]:
    """Digits of each number that is long enough to lead to somebody, without leading zeros."""
    digits = (re.sub(r"\D", "", run).lstrip("0") for run in _NUMBER.findall(text))
    return frozenset(each for each in digits if len(each) >= LEAST_NUMBER)


def unresolved(leaks: Sequence[Leak], confirmed: Iterable[str]) -> tuple[Leak, ...]:
    """What still stands in the way of leaving; a confirmation of what cannot be confirmed counts for nothing."""
    named = frozenset(confirmed)
    return tuple(each for each in leaks if not (each.confirmable and each.key in named))


def standing(leaks: Iterable[Leak], kept: Collection[str]) -> tuple[Leak, ...]:
    """The same for confirmations that were kept, by their tokens."""
    return tuple(each for each in leaks if not (each.confirmable and each.token in kept))


def tokens(leaks: Iterable[Leak], confirmed: Collection[str]) -> tuple[str, ...]:
    """What to keep of a confirmation: the finds that it names and that can be confirmed."""
    return tuple(each.token for each in leaks if each.confirmable and each.key in confirmed)


def _of_part(words: list[str], *, whole: bool) -> Iterator[str]:
    """Phrases of one part of a sentence: itself or its stretches, its names, and its marks such as plates."""
    size = len(words) if len(words) <= LONGEST_PHRASE else STRETCH
    for first in range(len(words) - size + 1):
        stretch = words[first : first + size]
        if _is_telling(stretch, whole=whole):
            yield folded("".join(stretch))
    yield from (folded("".join(name)) for name in _names(words))
    yield from (folded("".join(each)) for each in _marks(words))


def _is_telling(words: list[str], *, whole: bool) -> bool:
    """Whether a phrase points to something of its own, unlike "at home in the evening"."""
    uncommon = sum(folded(each) not in COMMON for each in words)
    digits = any(any(map(str.isdigit, each)) for each in words)
    return uncommon > (0 if whole or digits else 1) or any(map(_is_unspaced, words))


def _names(words: list[str]) -> Iterator[list[str]]:
    """Runs of capitalised words; one that only begins the sentence is no name."""
    run: list[str] = []
    for place, word in enumerate([*words, ""]):
        if word[:1].isupper() and (run or folded(word) not in COMMON):
            run.append(word)
            continue
        if len(run) > 1 or (run and place > 1):
            yield run
        if len(run) > 1 and not COMMON & set(map(folded, run)):
            yield from ([each] for each in run if len(each) > LEAST)
        run = []


def _marks(words: list[str]) -> Iterator[list[str]]:
    """Runs of digits and single letters, mixed: a plate, a flat, a post code, however it is grouped."""
    run: list[str] = []
    for word in [*words, ""]:
        if len(word) == 1 or any(map(str.isdigit, word)):
            run.append(word)
            continue
        joined = "".join(run)
        if any(map(str.isdigit, joined)) and any(map(str.isalpha, joined)):
            yield run
        run = []


def _is_unspaced(word: str) -> bool:
    """Written without capitals, and often without spaces, so it is looked for inside longer words too."""
    return any(unicodedata.category(each) == "Lo" for each in word)


def _least(phrase: str, *, is_name: bool) -> int:
    if _is_unspaced(phrase):
        return 2
    return LEAST - 1 if is_name else LEAST


def _stretches(groups: list[str]) -> Iterator[str]:
    for first in range(len(groups)):
        for last in range(first + 1, min(len(groups), first + _MOST_GROUPS) + 1):
            yield "".join(groups[first:last]).lstrip("0")


def _same_number(one: str, other: str) -> bool:
    """Whether two numbers end alike, whatever country code stands before one of them."""
    short, long = sorted((one, other), key=len)
    return len(short) >= LEAST_NUMBER and long.endswith(short)
