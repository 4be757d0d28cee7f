"""Each report on the shelf: template, neutral names, a tagged PDF whose text is the approved one.

The approved texts are tests/golden/reports/<key>.txt, read from a PDF of the fixed record in tests/reports/records.py.
After a wanted change, run these tests with STEPWELL_APPROVE=1 and read the difference before it is committed.
"""

import io
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from schemas.release_codes import ReleaseForm, ReleaseStatus
from schemas.vocabulary import PlanType, ReportPart
from service.casework.records import Record
from service.casework.summaries import Drafted
from service.domain.leaving import IN_REPORT
from service.domain.releases import Release
from service.domain.summaries import SummaryWords
from service.reports import REPORTS, plan_summary, progress, render, report, safety_plan, treatment_summary
from service.reports.pages import TEMPLATES
from service.reports.progress import Period, Wanted
from service.reports.report import Report
from tests import builders
from tests.reports.records import END, SECRETS, START

GOLDEN = Path(__file__).parents[1] / "golden" / "reports"
OURS = {"Atkinson-Hyperlegible", "Atkinson-Hyperlegible-Bold", "Atkinson-Hyperlegible-Italic"}
OTHER_SCRIPTS = {"Noto-Sans-Arabic", "Noto-Sans-Hebrew"}
TODAY: date = END.date()


def _progress(record: Record) -> dict[str, object]:
    return progress.collect(record, Wanted(Period(START.date(), TODAY), frozenset(ReportPart), TODAY, "Ana Núñez"))


def _plan(record: Record) -> dict[str, object]:
    plan = next(each for each in record.active_plans if each.type is PlanType.PL_URGE)
    return safety_plan.collect(plan, title="Weekly planner", today=TODAY)


def _summary(record: Record) -> dict[str, object]:
    plan = next(each for each in record.active_plans if each.type is PlanType.PL_URGE)
    terms = builders.release_terms()
    release = Release(
        "r", plan.case_id, ReleaseForm.ORDINARY, ReleaseStatus.SIGNED, terms, TODAY, "a", "Ana", START, 1, START
    )
    return plan_summary.collect(plan, record, release, TODAY)


def _treatment(record: Record) -> dict[str, object]:
    terms = builders.release_terms(classes=IN_REPORT)
    release = Release(
        "r", record.case.id, ReleaseForm.ORDINARY, ReleaseStatus.SIGNED, terms, TODAY, "a", "Ana", START, 1, START
    )
    period = Period(START.date(), TODAY)
    found = treatment_summary.sections(record, release, period, "Somebody to sleep near")
    words = SummaryWords("Harbour Clinic", period.since, period.until, found)
    return treatment_summary.collect(words, Drafted(record, release), author="Ana Núñez", today=TODAY)


# A report on the shelf without its case here fails.
CASES: dict[str, Callable[[Record], dict[str, object]]] = {
    "progress": _progress,
    "safety_plan": _plan,
    "small_card": _plan,
    "plan_summary": _summary,
    "treatment_summary": _treatment,
}
every_report = pytest.mark.parametrize("kind", REPORTS, ids=lambda kind: kind.key)
drawn = pytest.mark.skipif(not render.available(), reason="Pango is not installed: PDF reports are off")


def printed(kind: Report, record: Record) -> PdfReader:
    return PdfReader(io.BytesIO(report.pdf(kind, CASES[kind.key](record))))


def text_of(reader: PdfReader) -> str:
    return "\n".join(line.rstrip() for sheet in reader.pages for line in sheet.extract_text().splitlines()) + "\n"


def test_every_report_has_a_case_here_and_every_template_a_report() -> None:
    assert {kind.key for kind in REPORTS} == CASES.keys()
    pages = {path.stem for path in (TEMPLATES / "reports").glob("*.xhtml") if not path.stem.startswith("_")}
    assert {kind.template for kind in REPORTS} == pages


@every_report
def test_titles_and_file_names_tell_nothing(kind: Report) -> None:
    words = f"{kind.title} {kind.file_name}".casefold()
    assert kind.file_name.endswith(".pdf")
    assert [word for word in ("safety", "plan", "urge", "withdrawal", "stepwell", "client") if word in words] == []


@pytest.mark.slow
@drawn
@every_report
def test_the_text_of_the_pdf_is_the_approved_one(kind: Report, record: Record) -> None:
    text, approved = text_of(printed(kind, record)), GOLDEN / f"{kind.key}.txt"
    if os.environ.get("STEPWELL_APPROVE"):
        approved.write_text(text, encoding="utf-8")
    assert text == approved.read_text(encoding="utf-8")


@pytest.mark.slow
@drawn
@every_report
def test_the_pdf_is_tagged_speaks_its_language_and_carries_our_faces(kind: Report, record: Record) -> None:
    reader = printed(kind, record)
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value and root["/Lang"] == "en" and "/StructTreeRoot" in root
    assert [*(reader.metadata or {}).items()] == ([("/Title", kind.title)] if kind.title else [])
    assert faces(reader) <= OURS | OTHER_SCRIPTS


@pytest.mark.slow
@drawn
@every_report
def test_nothing_that_must_stay_is_in_the_pdf(kind: Report, record: Record) -> None:
    text = text_of(printed(kind, record))
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.slow
@drawn
def test_accents_and_right_to_left_words_can_be_read_back(record: Record) -> None:
    text = text_of(printed(REPORTS[0], record))
    assert "Zoë Okonkwo-Šimić" in text and "à mon rythme" in text
    assert "שיר" in text or "ריש" in text


def faces(reader: PdfReader) -> set[str]:
    """Names of the faces; words in another script may be slanted by the printer, for it has no cut of its own."""
    fonts = (font.get_object() for sheet in reader.pages for font in sheet["/Resources"]["/Font"].values())  # type: ignore[index]
    return {str(font["/BaseFont"]).partition("+")[2].removesuffix("-Oblique") for font in fonts}
