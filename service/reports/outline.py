"""What a progress report holds and what stays out, with the reason for each: the preview that comes before any PDF.

Rule: told from the very context that is printed, so that the preview cannot promise anything else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.vocabulary import ReportPart
from service.domain.leaks import Passage

NOT_CHOSEN = "Left out: not chosen."
NOTHING_THERE = "Left out: nothing of it is recorded for this period."
# What no choice can bring in, with the reason.
NEVER = (
    ("Session notes", "They are written for the record. The client can ask to read them with you."),
    ("Safety events and what was said about safety", "They stay in the record: paper is read by others."),
    ("Lines of any plan", "They leave only on the client's own copy, line by line."),
    ("Contact details, address, legal name, birth date", "Nothing here needs them."),
    ("The other person and changes in contact", "Nothing for paper that could be found."),
    ("Diagnoses", "They stay in the record: a code on paper tells others why somebody comes here."),
)
# Texts that may give away a place, a person or a way to reach somebody.
_TRACES = (
    ("an e-mail address", re.compile(r"[^\s@]{1,64}@[^\s@]{1,200}\.[a-z]{2,24}", re.I)),
    ("a web address", re.compile(r"\b(?:https?:|www\.)\S", re.I)),
    ("a phone number", re.compile(r"(?:\+?\d[\s()./-]{0,2}){7,15}")),
    ("a street address", re.compile(r"\b\d{1,5}[a-z]?\s+\w{3,40}\s+(?:street|st|road|rd|avenue|lane|drive)\b", re.I)),
)

_GOAL = ("words", "change")


@dataclass(frozen=True)
class Line:
    label: str
    words: str


@dataclass(frozen=True)
class Outline:
    """`look_again` names texts that seem to hold a way to find somebody; a person decides."""

    goes_in: tuple[Line, ...]
    stays_out: tuple[Line, ...]
    look_again: tuple[Line, ...]


Context = Mapping[str, Any]


def outline(context: Context, parts: frozenset[ReportPart]) -> Outline:
    """The preview of a context that `progress.collect` made for `parts`."""
    told = {part: _HOLDS[part](context) for part in ReportPart}
    inside = tuple(Line(part.label, words) for part, words in told.items() if part in parts and words)
    left_out = tuple(
        Line(part.label, NOTHING_THERE if part in parts else NOT_CHOSEN)
        for part, words in told.items()
        if part not in parts or not words
    )
    return Outline(inside, (*left_out, *(Line(*each) for each in NEVER)), _look_again(context))


def traces(text: str) -> tuple[str, ...]:
    """What a text seems to give away, in words."""
    return tuple(words for words, pattern in _TRACES if pattern.search(text))


def passages(context: Context) -> tuple[Passage, ...]:
    """What a person typed of all that goes in, for the leak guard."""
    typed = [
        *(
            (f"goal-{n}-{name}", "A goal", getattr(each, name))
            for n, each in enumerate(context["goals"])
            for name in _GOAL
        ),
        *((f"strength-{n}", "What has helped", text) for n, text in enumerate(context["strengths"])),
        *((f"step-{n}", "A next small step", text) for n, text in enumerate(context["next_steps"])),
    ]
    return tuple(Passage(*each) for each in typed)


def _look_again(context: Context) -> tuple[Line, ...]:
    return tuple(
        Line(each.where, f"{each.text} (looks like {found})")
        for each in passages(context)
        for found in traces(each.text)
    )


def _fact(name: str) -> Callable[[Context], str]:
    return lambda context: dict(context["about"]).get(name, "")


def _joined(name: str) -> Callable[[Context], str]:
    return lambda context: " · ".join(context[name])


def _told(name: str) -> Callable[[Context], str]:
    """The text equivalent of a chart, "" where there is none."""
    return lambda context: context[name].text_equivalent if context[name] else ""


def _log(context: Context) -> str:
    log = context["log"]
    return f"{log.total.text_equivalent} {log.position}" if log else ""


def _goals(context: Context) -> str:
    return " · ".join(goal.words for goal in context["goals"])


_HOLDS: Mapping[ReportPart, Callable[[Context], str]] = {
    ReportPart.NAME: _fact("Name"),
    ReportPart.AUTHOR: _fact("Prepared by"),
    ReportPart.ATTENDANCE: _told("attendance"),
    ReportPart.GOALS: _goals,
    ReportPart.LOG: _log,
    ReportPart.URGE: _told("urge"),
    ReportPart.RESULTS: lambda context: " · ".join(each.chart.text_equivalent for each in context["results"]),
    ReportPart.HELPED: _joined("strengths"),
    ReportPart.TOPICS: _joined("topics"),
    ReportPart.PLAN: lambda context: context["plan_note"] or "",
    ReportPart.STEPS: _joined("next_steps"),
    ReportPart.HOPE: lambda context: context["hope"] or "",
}
