"""Charts say what the series says: no more, no less, and to readers without eyes or colours as well."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reports.charts import (
    Chart,
    HeatRow,
    Point,
    Visit,
    attendance_strip,
    domain_charts,
    domain_row,
    heat_strip,
    line_chart,
    sparkline,
    urge_chart,
)
from service.reports.drawing import Text
from tests.reports import samples

DAY = date(2026, 3, 2)


def every_chart(text: Text) -> dict[str, Chart]:
    urges, confidence = samples.urges()
    heat = heat_strip(samples.heat_rows(), samples.DATES, title="Each answer", text=text)
    charts = {
        "total": line_chart(samples.totals(), title="Log total", ceiling=60, text=text),
        "urge": urge_chart(urges, confidence, text=text),
        "heat": heat,
        "narrow heat": heat_strip(samples.heat_rows(), samples.DATES, title="Each answer", text=text, width=380),
        "attendance": attendance_strip(samples.visits(), text=text),
        "parts": domain_row(samples.domains(), text=text),
        "spark": sparkline(samples.totals(), title="Log total", ceiling=60),
    }
    return charts | {
        f"domain {index}": chart for index, chart in enumerate(domain_charts(samples.domains(), text=text))
    }


def drawing_of(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(chart.svg)  # noqa: S314 - our own drawing


def path(chart: Chart, css: str) -> str:
    """The strokes of one class, or nothing."""
    return "".join(re.findall(rf'class="{css}" d="([^"]*)"', chart.svg))


def spots(drawn: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"M([\d.-]+) ([\d.-]+)", drawn)]


def weekly(*values: float | None) -> list[Point]:
    return [Point(DAY + timedelta(weeks=week), value, declined=value is None) for week, value in enumerate(values)]


@pytest.mark.parametrize("text", ["svg", "html"])
def test_every_chart_is_well_formed_named_and_without_style_script_or_address(text: Text) -> None:
    for name, chart in every_chart(text).items():
        root = drawing_of(chart)
        assert root.get("role") == "img" and root.get("aria-label"), name
        title = root.find("{http://www.w3.org/2000/svg}title")
        assert title is not None and title.text
        assert not re.search(r"style=|<style|<script|href|url\(|on\w+=", chart.svg)


def test_words_stand_in_the_picture_on_the_page_and_over_it_on_paper() -> None:
    for name, chart in every_chart("svg").items():
        assert not chart.labels_html and (name == "spark" or "<text" in chart.svg)
    for name, chart in every_chart("html").items():
        assert "<text" not in chart.svg and (name == "spark" or "chart-words" in chart.labels_html)


def test_both_kinds_say_the_same_words() -> None:
    on_page, on_paper = every_chart("svg"), every_chart("html")
    for name, chart in on_page.items():
        inside = re.findall(r"<text[^>]*>([^<]*)</text>", chart.svg)
        over = re.findall(r"<div[^>]*>([^<]*)</div>", on_paper[name].labels_html)
        assert inside == [word for block in over for word in re.split(r"[\n\t]", block)]


def test_on_paper_the_picture_is_named_by_its_text_equivalent() -> None:
    chart = every_chart("html")["total"]
    title = drawing_of(chart).find("{http://www.w3.org/2000/svg}title")
    assert title is not None and title.text == chart.text_equivalent


def test_the_same_series_draws_the_same_picture() -> None:
    assert every_chart("svg") == every_chart("svg")
    turned = line_chart(reversed(samples.totals()), title="Log total", ceiling=60)
    assert turned == every_chart("svg")["total"]


def test_pictures_stay_few_paths_however_many_readings() -> None:
    years = [Point(DAY + timedelta(days=day), day % 61) for day in range(0, 1000, 5)]
    rows = [HeatRow(str(row), tuple((row + column) % 5 for column in range(200))) for row in range(15)]
    assert line_chart(years, title="Log", ceiling=60).svg.count("<path") <= 9
    assert heat_strip(rows, [point.at for point in years], title="Items").svg.count("<path") <= 12


def test_the_axis_is_fixed_whatever_the_readings() -> None:
    low, high = line_chart(weekly(1, 2), title="Log", ceiling=60), line_chart(weekly(59, 60), title="Log", ceiling=60)
    assert path(low, "chart-axis") == path(high, "chart-axis")
    for chart in (low, high):
        assert re.findall(r">(\d+)</text>", chart.svg)[:4] == ["60", "40", "20", "0"]
    assert spots(path(low, "chart-point"))[0][1] > spots(path(high, "chart-point"))[0][1]


def test_prorated_readings_are_hollow() -> None:
    chart = line_chart([*weekly(10, 20), Point(DAY + timedelta(weeks=2), 30, prorated=True)], title="Log", ceiling=60)
    assert len(spots(path(chart, "chart-point-hollow"))) == 1
    assert "1 worked out from the other answers because one was missing (hollow)." in chart.text_equivalent
    assert chart.table[-1] == ("16 Mar 2026", "30", "prorated")


def test_a_gap_of_21_days_is_solid_and_of_22_days_dashed() -> None:
    def chart(days: int) -> Chart:
        return line_chart([Point(DAY, 10), Point(DAY + timedelta(days), 12)], title="Log", ceiling=60)

    assert path(chart(21), "chart-line") and not path(chart(21), "chart-gap")
    assert path(chart(22), "chart-gap") and not path(chart(22), "chart-line")
    assert "1 gap longer than 21 days (dashed)." in chart(22).text_equivalent


def test_a_declined_reading_is_a_stroke_on_the_axis_and_never_a_dot() -> None:
    chart = line_chart(weekly(10, None, 12), title="Log", ceiling=60)
    assert len(spots(path(chart, "chart-point"))) == 2 and len(spots(path(chart, "chart-tick"))) == 1
    assert not path(chart, "chart-line") and path(chart, "chart-gap")
    assert "1 declined" in chart.text_equivalent and ("9 Mar 2026", "declined", "") in chart.table


def test_versions_are_never_joined_and_the_break_is_named() -> None:
    points = [Point(DAY, 10, version="1.0.0"), Point(DAY + timedelta(7), 12, version="2.0.0")]
    chart = line_chart(points, title="Log", ceiling=60)
    assert not path(chart, "chart-line") and not path(chart, "chart-gap")
    assert len(spots(path(chart, "chart-break"))) == 1 and ">2.0.0</text>" in chart.svg
    assert "From 9 Mar 2026 version 2.0.0 of the log, not joined." in chart.text_equivalent


def test_a_minor_version_changes_nothing_that_is_scored_and_breaks_no_line() -> None:
    points = [Point(DAY, 10, version="1.0.0"), Point(DAY + timedelta(7), 12, version="1.1.0")]
    chart = line_chart(points, title="Log", ceiling=60)
    assert path(chart, "chart-line") and not path(chart, "chart-break")
    assert "not joined" not in chart.text_equivalent


def test_a_reading_that_asks_about_the_same_days_has_a_stroke_beside_it() -> None:
    points = weekly(10, 12)
    points[1] = points[1]._replace(at=DAY + timedelta(4), overlap=True)
    chart = line_chart(points, title="Log", ceiling=60)
    assert len(spots(path(chart, "chart-tick"))) == 1 and len(spots(path(chart, "chart-point"))) == 2
    assert "1 less than 5 days after the one before (short stroke beside it)." in chart.text_equivalent
    assert chart.table[-1] == ("6 Mar 2026", "12", "less than 5 days after the one before")


def test_small_multiples_have_the_ticks_and_leave_the_letters_to_the_total() -> None:
    points = weekly(10, 11, 12)
    points[1] = points[1]._replace(context="moved house")
    chart = domain_charts((("Body", points),))[0]
    assert len(spots(path(chart, "chart-tick"))) == 1
    assert ">a</text>" not in chart.svg and "moved house" not in chart.text_equivalent
    assert chart.table[2][2] == "moved house"


def test_urges_and_confidence_break_at_a_new_version_too() -> None:
    points = [Point(DAY, 4, version="1.0.0"), Point(DAY + timedelta(7), 5, version="2.0.0")]
    chart = urge_chart(points, points)
    assert not path(chart, "chart-line") and path(chart, "chart-break")


def test_a_log_and_a_refusal_of_one_day_show_the_log_in_the_table() -> None:
    points = [Point(DAY, 10), Point(DAY, None, declined=True)]
    assert domain_row((("Body", points),)).table[1] == ("2 Mar 2026", "10")


def test_changes_of_circumstance_are_lettered_ticks_with_their_words_beside() -> None:
    points = weekly(10, 11, 12)
    points[1] = points[1]._replace(context="moved <house>")
    chart = line_chart(points, title="Log", ceiling=60)
    assert ">a</text>" in chart.svg and "moved" not in chart.svg
    assert "a, 9 Mar 2026: moved <house>." in chart.text_equivalent


def test_the_sentences_carry_every_number_of_the_picture() -> None:
    told = line_chart(weekly(31, 44.5, 22, 30), title="Log total", ceiling=60).text_equivalent
    assert told == (
        "Log total, 0 to 60: 4 readings from 2 Mar 2026 to 23 Mar 2026. First 31, latest 30; "
        "lowest 22 on 16 Mar 2026, highest 44.5 on 9 Mar 2026."
    )


def test_an_empty_and_a_single_series_are_told_as_such() -> None:
    empty, single = (line_chart(points, title="Log", ceiling=60) for points in ([], weekly(7)))
    assert empty.text_equivalent == "Log: no scored readings yet." and not path(empty, "chart-point")
    assert single.text_equivalent == "Log, 0 to 60: one reading, 7 on 2 Mar 2026."
    assert "2 Mar 2026" in single.svg
    assert heat_strip([], [], title="Items").text_equivalent == "Items: no readings yet."
    assert attendance_strip([]).text_equivalent == "No sessions in this period."
    assert "no scored readings" in sparkline([], title="Log", ceiling=60).text_equivalent
    assert [chart.text_equivalent for chart in domain_charts((("Body", []),))] == ["Body: no scored readings yet."]


def test_small_multiples_share_their_dates_and_axis() -> None:
    short = domain_charts((("Body", weekly(1, 2)), ("Feelings", weekly(1, 2, 3, 4))))
    assert path(short[0], "chart-axis") == path(short[1], "chart-axis")
    assert all("23 Mar 2026" in chart.svg for chart in short)


def test_the_parts_in_one_picture_hold_what_they_hold_apart() -> None:
    one, apart = domain_row(samples.domains()), domain_charts(samples.domains())
    assert one.text_equivalent == " ".join(chart.text_equivalent for chart in apart)
    assert len(spots(path(one, "chart-point"))) == sum(len(spots(path(chart, "chart-point"))) for chart in apart)
    assert one.table[0] == ("Date", "Body", "Feelings", "Thinking") and len(one.table) == len(samples.DATES) + 1
    assert domain_row([]).text_equivalent == ""


def test_heat_tells_levels_apart_by_thickness_alone() -> None:
    chart = heat_strip([HeatRow("Sleep", (0, 1, 2, 3, 4))], [point.at for point in weekly(*range(5))], title="Items")
    widths = [
        float(re.findall(rf'class="heat-{level}"[^>]*stroke-width="([\d.]+)"', chart.svg)[0]) for level in range(5)
    ]
    assert widths == sorted(widths) and len(set(widths)) == 5


def test_heat_runs_equal_neighbours_together_and_outlines_what_is_missing() -> None:
    rows = [HeatRow("Sleep", (3, 3, 3, None, 1))]
    chart = heat_strip(rows, [point.at for point in weekly(*range(5))], title="Items")
    assert len(spots(path(chart, "heat-3"))) == 2  # the run and its sample in the key
    assert len(spots(path(chart, "heat-missing"))) == 2
    assert chart.text_equivalent.endswith("Sleep: first 3, latest 1, highest 3, 1 not answered.")
    assert chart.table[1] == ("Sleep", "3", "3", "3", "no answer", "1")


def test_urge_and_confidence_differ_in_shape() -> None:
    chart = urge_chart(weekly(8, 6), weekly(2, 3))
    assert 'stroke-linecap="round"' in chart.svg and 'stroke-linecap="square"' in chart.svg
    assert chart.table == (
        ("Date", "Strongest urge", "Confidence"),
        ("2 Mar 2026", "8", "2"),
        ("9 Mar 2026", "6", "3"),
    )


def test_attendance_counts_each_kind_in_words() -> None:
    kinds = ("attended", "late", "cancelled", "missed", "attended")
    chart = attendance_strip(Visit(DAY + timedelta(weeks=week), kind) for week, kind in enumerate(kinds))  # type: ignore[arg-type]
    assert chart.text_equivalent == (
        "5 sessions from 2 Mar 2026 to 30 Mar 2026: 2 attended, 1 came late, 1 cancelled, 1 not attended."
    )


def test_a_sparkline_shows_the_last_twelve() -> None:
    chart = sparkline(weekly(*range(20)), title="Log", ceiling=60)
    assert len(spots(path(chart, "chart-point"))) == 12 and "First 8, latest 19" in chart.text_equivalent


def test_titles_and_labels_are_escaped() -> None:
    chart = heat_strip([HeatRow("<b>&", (1,))], [DAY], title='"><script>', text="svg")
    assert "<script" not in chart.svg and "<b>" not in chart.svg
    drawing_of(chart)


readings = st.lists(
    st.builds(
        Point,
        at=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
        value=st.none() | st.floats(0, 60).map(lambda value: round(value, 1)),
        prorated=st.booleans(),
        declined=st.booleans(),
        context=st.none() | st.text(max_size=20),
        version=st.sampled_from(["1.0.0", "1.1.0", "2.0.0"]),
    ),
    max_size=40,
)


@given(points=readings, width=st.sampled_from([380, 640]))
def test_no_series_draws_outside_its_picture(points: list[Point], width: int) -> None:
    chart = line_chart(points, title="Log", ceiling=60, width=width)
    root = drawing_of(chart)
    height = float(root.get("height", "0"))
    drawn = [
        spot for css in ("chart-point", "chart-line", "chart-gap", "chart-tick") for spot in spots(path(chart, css))
    ]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in drawn)
    assert len(spots(path(chart, "chart-point"))) == sum(point.value is not None for point in points)
    assert len(chart.table) == len(points) + 1
