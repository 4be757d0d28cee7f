"""A person at a keyboard: Tab, Enter, Space, arrows and typing, and a picture of every page that comes up.

Rule: no pointer and no address; what the keys cannot reach is not reached.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

STOPS = 400
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 420, "height": 900}
FOCUSED = """() => {
  const on = document.activeElement, words = (node) => (node ? node.textContent : "").replace(/\\s+/g, " ").trim();
  return {tag: on.tagName, type: on.type || "", name: on.name || "", value: on.value || "", checked: !!on.checked,
          words: on === document.body ? "" : words(on), chosen: words((on.selectedOptions || [null])[0]),
          seen: on === document.body || on.checkVisibility()};
}"""
Focus = dict[str, Any]


@dataclass
class Keys:
    """The keys of one page, and where its pictures go."""

    page: Page
    folder: Path
    taken: list[str] = field(default_factory=list)

    def tab_to(self, holds: Callable[[Focus], bool], what: str) -> Focus:
        """Tab on until something in focus is what is wanted. Fails for what Tab never comes to."""
        passed: list[str] = []
        for _ in range(STOPS):
            self.page.keyboard.press("Tab")
            on = self.page.evaluate(FOCUSED)
            assert on["seen"], f"focus is on something that nobody sees: {on}"
            if holds(on):
                return dict(on)
            passed.append(on["name"] or on["words"][:40])
            if passed.count("Skip to the work") > 1:
                break
        raise AssertionError(f"Tab never comes to {what} on {self.page.title()}: {passed}")

    def go(self, words: str) -> None:
        """Follow a link or press a button by its words, and look at where it leads."""
        self.tab_to(lambda on: on["tag"] in ("A", "BUTTON") and on["words"].startswith(words), words)
        self.enter()

    def enter(self) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.look()

    def open(self, words: str) -> None:
        """Unfold a part of the page."""
        self.tab_to(lambda on: on["tag"] == "SUMMARY" and on["words"].startswith(words), words)
        self.page.keyboard.press("Enter")

    def to(self, name: str) -> Focus:
        return self.tab_to(lambda on: on["name"] == name, name)

    def type(self, name: str, text: str) -> None:
        self.to(name)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def day(self, name: str, on: date) -> None:
        """A date, digit by digit: the control of this browser takes month, day and year."""
        self.to(name)
        self.page.keyboard.type(f"{on:%m%d%Y}")
        assert self.page.evaluate(FOCUSED)["value"] == on.isoformat()

    def choose(self, name: str, words: str) -> None:
        """An entry of a list, by typing how it begins."""
        self.to(name)
        self.page.keyboard.type(words)
        chosen = self.page.evaluate(FOCUSED)["chosen"]
        assert chosen.startswith(words), f"{name} stands on {chosen}"

    def tick(self, name: str, value: str) -> None:
        """A box, or one of several answers."""
        on = self.tab_to(lambda on: on["name"] == name and (on["type"] == "radio" or on["value"] == value), name)
        if on["value"] == value and not on["checked"]:
            self.page.keyboard.press("Space")
        for _ in range(STOPS):
            on = self.page.evaluate(FOCUSED)
            if on["value"] == value:
                assert on["checked"]
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{name} has no answer {value}")

    def answer(self, digit: str) -> None:
        """Every item of a form by one digit, one after the other, from the first; each goes on by itself."""
        self.tab_to(lambda on: on["type"] == "radio" and on["name"].startswith("a."), "the first item")
        for _ in range(self.page.locator("[data-answers]").count()):
            self.page.keyboard.press(digit)

    def case(self) -> None:
        """To the case page, by the code that stands over every page of a case."""
        self.tab_to(lambda on: on["tag"] == "A" and on["words"].startswith("C-"), "the code of the case")
        self.enter()

    def look(self) -> None:
        """A picture of the page, wide; the text of the title is its name."""
        wrong = self.page.locator("[data-error-summary]")
        assert wrong.count() == 0, wrong.inner_text()
        self.taken.append(f"{len(self.taken):02} {self.page.title()}")
        self.page.screenshot(path=self.folder / f"{self.taken[-1]}.jpg", type="jpeg", quality=60, full_page=True)

    def look_narrow(self) -> None:
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        self.look()
        self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
