"""The design tokens and style sheets keep their promises: contrast in both themes, sizes, weight, no stray colours."""

import re
from itertools import pairwise, product
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "service" / "web" / "static"
TOKENS = (STATIC / "tokens.css").read_text(encoding="utf-8")
LAYOUT = (STATIC / "app.css").read_text(encoding="utf-8")
SCRIPT = (STATIC / "app.js").read_text(encoding="utf-8")

PAIR = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
COLOURS = {name: {"light": light, "dark": dark} for name, light, dark in PAIR.findall(TOKENS)}
THEMES = ("light", "dark")

GROUNDS = ("paper", "surface", "sunk")
TEXT_ON = [
    *product(("ink", "ink-soft", "accent", "accent-strong", "attention", "urgent"), GROUNDS),
    *(("ink", soft) for soft in ("accent-soft", "attention-soft", "urgent-soft")),
    ("attention", "attention-soft"),
    ("urgent", "urgent-soft"),
    ("accent", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("paper", "ink"),
]
SHAPES_ON = [
    *product(("line", "accent", "focus", "attention", "urgent"), GROUNDS),
    ("attention", "attention-soft"),
    ("urgent", "urgent-soft"),
    ("accent", "accent-soft"),
    ("focus", "accent-soft"),
    ("focus", "urgent-soft"),
]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def between(front: str, ground: str, theme: str) -> float:
    return contrast(COLOURS[front][theme], COLOURS[ground][theme])


def token(name: str) -> str:
    found = re.search(rf"--{name}: ([^;]+);", TOKENS)
    assert found, f"tokens.css has no --{name}"
    return found[1]


def bare(sheet: str) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet, flags=re.S)


def test_the_contrast_measure_agrees_with_known_values() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_every_colour_has_a_light_and_a_dark_value() -> None:
    named = {"ink", "ink-soft", "paper", "surface", "line", "accent", "attention", "urgent"}
    assert named <= COLOURS.keys()
    assert {"accent-soft", "attention-soft", "urgent-soft"} <= COLOURS.keys()
    assert len(re.findall(r"#[0-9a-f]{3,8}\b", bare(TOKENS))) == 2 * len(COLOURS) + 2, "a colour stands outside a pair"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground(front: str, ground: str, theme: str) -> None:
    assert between(front, ground, theme) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "ground"), SHAPES_ON)
def test_shapes_stand_out_from_their_ground(front: str, ground: str, theme: str) -> None:
    assert between(front, ground, theme) >= 3


@pytest.mark.parametrize("name", ["ink", "ink-soft", "accent", "attention", "urgent"])
def test_text_on_white_paper_stands_out_in_print(name: str) -> None:
    assert contrast(COLOURS[name]["light"], "#ffffff") >= 4.5


def test_both_themes_can_be_asked_for_and_else_follow_the_system() -> None:
    assert "color-scheme: light dark;" in TOKENS
    for theme in THEMES:
        assert f':root[data-theme="{theme}"] {{ color-scheme: {theme}; }}' in TOKENS


def test_type_starts_at_17_pixels_and_grows_by_a_fifth() -> None:
    assert float(token("base").removesuffix("%")) / 100 * 16 == 17
    steps = [float(token(f"step-{step}").removesuffix("rem")) for step in ("down", "0", "1", "2", "3")]
    assert all(after / before == pytest.approx(1.2, abs=0.001) for before, after in pairwise(steps))
    assert token("leading") == "1.5"
    assert token("measure") == "68ch"


def test_spaces_are_multiples_of_four_pixels_and_name_their_multiple() -> None:
    spaces = re.findall(r"--space-(\d+): (\d+)px;", TOKENS)
    assert len(spaces) >= 8
    assert all(int(pixels) == 4 * int(name) for name, pixels in spaces)


def test_targets_and_focus_ring_have_their_size() -> None:
    assert token("target") == "44px"
    assert token("ring") == "3px"
    assert "outline: var(--ring) solid var(--focus)" in LAYOUT


def test_the_layout_uses_only_tokens_that_exist() -> None:
    known = set(re.findall(r"(--[a-z0-9-]+):", TOKENS))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", LAYOUT + TOKENS)) <= known


def test_the_layout_writes_no_colour_of_its_own() -> None:
    written = re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|:\s*(?:black|white|red|green)\b", bare(LAYOUT))
    assert written == []


def test_no_sheet_reaches_outside_the_shipped_files() -> None:
    for sheet in (TOKENS, LAYOUT):
        addresses = re.findall(r"url\(\"?([^)\"]+)", sheet)
        assert all((STATIC / address).is_file() for address in addresses)
        assert "@import" not in sheet


def test_sheets_and_script_stay_light() -> None:
    assert len(TOKENS.encode()) + len(LAYOUT.encode()) < 30_000
    assert len(SCRIPT.encode()) < 15_000


def test_motion_rests_unless_the_system_allows_it() -> None:
    allowed = "@media (prefers-reduced-motion: no-preference)"
    before, _, _ = bare(LAYOUT).partition(allowed)
    assert allowed in LAYOUT
    assert not re.search(r"\b(transition|animation)\b", before)
    assert "scroll-behavior" not in LAYOUT


def test_forced_colours_and_paper_have_their_rules() -> None:
    assert "@media (forced-colors: active)" in LAYOUT
    assert "@media print" in LAYOUT


def test_the_script_keeps_typed_text_out_of_browser_stores_and_evaluates_nothing() -> None:
    assert re.findall(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.", SCRIPT) == []
    assert re.findall(r"\beval\b|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", SCRIPT) == []
    assert "//" not in re.sub(r"/\*.*?\*/", "", SCRIPT, flags=re.S)


def test_the_icon_tells_nothing_and_fetches_nothing() -> None:
    icon = (STATIC / "icon.svg").read_text(encoding="utf-8")
    assert "<text" not in icon
    assert "<title" not in icon
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", icon) == []
