"""The crisis panel of a practice: lines that its own administrator typed and a named person confirmed (domain.md 2.5).

No number stands in the product. While a kind of line is missing, or nobody has confirmed the lines for 180 days, no
instrument can be used.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.event_codes import CrisisKind
from service.errors import Invalid

CONFIRM_EVERY = timedelta(days=180)
REMIND_BEFORE = timedelta(days=14)
LINES_MOST = 12
WHO_MENDS = "An administrator of the practice enters and confirms them under Practice."


@dataclass(frozen=True)
class CrisisLine:
    """One line as it is shown: whom it reaches, its number, and when it answers."""

    kind: CrisisKind
    name: str
    number: str
    hours: str = ""


@dataclass(frozen=True)
class CrisisPanel:
    """`confirmed_by` is the person who tried or checked the lines, in writing; `version` is 0 before the first."""

    lines: tuple[CrisisLine, ...] = ()
    confirmed_on: date | None = None
    confirmed_by: str = ""
    changed_by: str = ""
    version: int = 0
    updated_at: datetime | None = None

    @property
    def confirm_by(self) -> date | None:
        """The last day on which the confirmation still counts."""
        return self.confirmed_on + CONFIRM_EVERY if self.confirmed_on else None

    def missing(self) -> tuple[CrisisKind, ...]:
        named = {each.kind for each in self.lines}
        return tuple(kind for kind in CrisisKind if kind not in named)

    def locked(self, today: date) -> str:
        """Why no instrument can be used, and who can mend it; "" when the lines are whole and confirmed."""
        if self.missing():
            kinds = ", ".join(kind.label.lower() for kind in self.missing())
            return f"No log can be recorded: the crisis lines of this practice are not complete ({kinds}). {WHO_MENDS}"
        if self.confirm_by is None:
            return f"No log can be recorded: nobody has confirmed the crisis lines of this practice yet. {WHO_MENDS}"
        if today > self.confirm_by:
            days = CONFIRM_EVERY.days
            return f"No log can be recorded: nobody has confirmed the crisis lines for {days} days. {WHO_MENDS}"
        return ""

    def wants_confirming(self, today: date) -> bool:
        """Whether the lines will soon lock the instruments."""
        return self.confirm_by is not None and self.confirm_by - today <= REMIND_BEFORE


NO_PANEL = CrisisPanel()


def check_lines(lines: tuple[CrisisLine, ...]) -> None:
    """Raises Invalid naming the part of the line, counted from 0."""
    wrong = {
        f"lines.{number}.{name}": "Fill this in, or leave the whole line empty."
        for number, line in enumerate(lines)
        for name in ("name", "number")
        if not getattr(line, name).strip()
    }
    if len(lines) > LINES_MOST:
        wrong["lines"] = f"At most {LINES_MOST} lines."
    if wrong:
        raise Invalid("The crisis lines could not be kept.", wrong)


def check_confirmation(by: str, on: date | None, today: date) -> None:
    """Name and day come together. Raises Invalid naming the field."""
    wrong: dict[str, str] = {}
    if bool(by.strip()) != (on is not None):
        wrong["confirmed_by" if on else "confirmed_on"] = "Give both the name of who confirmed the lines and the day."
    elif on is not None and on > today:
        wrong["confirmed_on"] = "This day is still to come."
    if wrong:
        raise Invalid("The confirmation could not be kept.", wrong)
