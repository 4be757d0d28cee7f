"""Invented series and report contexts, the same in every run: for the tests of this room and for benchmarks/pdf.py."""

from datetime import date, timedelta
from types import SimpleNamespace

from service.domain.trend import HELP
from service.reports.charts import (
    HeatRow,
    Point,
    Visit,
    attendance_strip,
    domain_row,
    heat_strip,
    line_chart,
    urge_chart,
)
from service.reports.drawing import Text

FIRST = date(2026, 3, 2)
DAYS = (0, 7, 14, 21, 30, 37, 44, 51, 58, 90, 97, 104, 111, 118, 125, 132, 139, 150, 157, 164)
TOTALS = (46, 44, 47, 41, 43, None, 38, 40, 35, 36, 42, 33, 30, 31, None, 28, 27, 29, 24, 22)
DATES = tuple(FIRST + timedelta(days) for days in DAYS)
CIRCUMSTANCES = {4: "moved house", 10: "contact from the other person"}
NAMES = "Zofia Łuczak-Ştefănescu · שירה לוי · ليلى منصور"
ITEMS = (
    "Stomach upset, feeling sick, or gut trouble",
    "Trouble sleeping, or sleep that did not rest you",
    "Sudden panic, or a body that would not settle",
    "Headaches or body pain",
    "Worn out or slowed down",
    "Strong longing, or thoughts of the person",
    "Low mood or losing hope",
    "Going between feeling nothing and too much",
    "Anger or rage",
    "Guilt or blaming yourself",
    "Hard to keep your mind on things",
    "Memories pushing in when not wanted",
    "Doubting what really happened",
    "Hard to decide, even small things",
    "Forgetting things or gaps in memory",
)
DISCLAIMER = (
    "Stepwell organises what clients and clinicians record. Its programme topics come from general self-help writing. "
    "The withdrawal log has no norms. It does not diagnose, measure danger, or replace specialist domestic-abuse "
    "advice or emergency help."
)


def totals() -> tuple[Point, ...]:
    """Twenty readings with a gap, a declined and an unscored one, two prorated, two circumstances, two versions."""
    return tuple(
        Point(
            at,
            value,
            prorated=index in (3, 12),
            declined=index == 5,
            context=CIRCUMSTANCES.get(index),
            version="1.0.0" if index < 16 else "2.0.0",
        )
        for index, (at, value) in enumerate(zip(DATES, TOTALS, strict=True))
    )


def part(share: float) -> tuple[Point, ...]:
    return tuple(
        Point(point.at, None if point.value is None else round(point.value * share), declined=point.declined)
        for point in totals()
    )


def heat_rows() -> tuple[HeatRow, ...]:
    """Fifteen items in slow waves, with a few answers missing."""
    return tuple(
        HeatRow(
            label,
            tuple(
                None if (row * 7 + column * 3) % 29 == 0 else (row + column // (2 + row % 3)) % 5
                for column in range(len(DATES))
            ),
        )
        for row, label in enumerate(ITEMS)
    )


def visits() -> tuple[Visit, ...]:
    kinds = {4: "late", 15: "late", 6: "cancelled", 18: "cancelled", 9: "missed"}
    return tuple(Visit(FIRST + timedelta(weeks=week), kinds.get(week, "attended")) for week in range(22))  # type: ignore[arg-type]


def urges() -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    felt = tuple(Point(at, 2 + (index * 5) % 8) for index, at in enumerate(DATES))
    sure = tuple(Point(at, min(10, 2 + index // 3)) for index, at in enumerate(DATES))
    return felt, sure


PARTS = (("Body", 0.3), ("Feelings", 0.4), ("Thinking", 0.3))


def domains() -> list[tuple[str, tuple[Point, ...]]]:
    return [(title, part(share)) for title, share in PARTS]


def progress(*, text: Text = "html", draft: bool = False) -> dict[str, object]:
    """A context for templates/reports/progress.xhtml with every section filled."""
    return {
        "lang": "en",
        "heading": "Progress summary",
        "draft": draft,
        "audience": "the client",
        "about": [("Name", NAMES), ("Prepared by", "A. Whitlock, therapist"), ("Date", "14 Aug 2026")],
        "purpose": "To look back together on the work so far and choose what comes next.",
        "period": "2 Mar 2026 to 13 Aug 2026",
        "informants": "The client, in sessions and in the log filled in with the therapist.",
        "limits": ["It describes what was recorded in sessions, as told by one person.", "The log has no norms."],
        "attendance": attendance_strip(visits(), text=text),
        "attendance_dates": [("Attended", "2 Mar, 9 Mar, 16 Mar, 23 Mar 2026"), ("Cancelled", "13 Apr 2026")],
        "goals": [
            SimpleNamespace(words="Sleep without checking my phone.", change="Five nights to two.", status="active"),
            SimpleNamespace(words="Say no once a week.", change="Did so twice in June.", status="met, kept going"),
        ],
        "log": SimpleNamespace(
            title="Withdrawal log",
            total=line_chart(totals(), title="Withdrawal log total", ceiling=60, text=text),
            domains=domain_row(domains(), text=text),
            heat=heat_strip(heat_rows(), DATES, title="Each answer over time", text=text),
            position="Latest total 22: low, a place on this log's own range, not compared with other people.",
            change="Falling over 18 readings.",
            parts=["Body: latest 7, low on this log.", "Feelings: latest 9.", "Thinking: latest 7."],
            caveat="A tracking log. It is not a test, has no norms or cut-offs, and cannot diagnose anything.",
            method="n = 18 scored readings of 20; instrument wsl, versions 1.0.0 and 2.0.0.",
            reading=HELP,
        ),
        "results": [],
        "numbers": SimpleNamespace(
            heads=("Date", "Total", "Body", "Feelings", "Thinking"),
            rows=[(each.at.isoformat(), str(each.value), "1", "2", "3") for each in totals()],
            answers=[
                (row.label, "".join("–" if value is None else str(value) for value in row.values))
                for row in heat_rows()
            ],
        ),
        "urge": urge_chart(*urges(), text=text),
        "strengths": ["Rang her sister before answering a message, twice in June."],
        "topics": ["Riding out an urge", "Telling what happened, in order"],
        "plan_note": "The plan was reviewed on 6 Aug 2026.",
        "next_steps": ["Keep the phone in the kitchen on weekday nights.", "Ask the bank which papers are needed."],
        "hope": "Many people find their way through times like this.",
        "disclaimer": DISCLAIMER,
    }


def plan() -> dict[str, object]:
    """A context for templates/reports/safety_plan.xhtml."""
    return {
        "lang": "en",
        "heading": "Weekly planner",
        "notice": None,
        "sections": [
            SimpleNamespace(heading="First signs", lines=["Checking the phone after ten", "Not hungry at lunch"]),
            SimpleNamespace(heading="Wait first", lines=["Half an hour, then decide", "Cold water on the wrists"]),
            SimpleNamespace(heading="Things that worked", lines=["Walk to the river", "Radio on, any station"]),
        ],
    }
