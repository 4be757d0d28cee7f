"""How long a record is kept: the clock that a purge waits for.

Where the law of a place is silent: 7 years after the last service, or 3 after majority, whichever is later (APA
guideline; to be confirmed for each jurisdiction). A practice types its own years and says where they come from.
"""

from dataclasses import dataclass
from datetime import date

from service.domain.disclosures import LOOK_BACK_YEARS


@dataclass(frozen=True)
class RetentionRule:
    """Years of keeping, and where they come from."""

    after_service: int = 7
    after_majority: int = 3
    majority: int = 18
    source: str = "House fallback after a professional guideline; confirm it for your jurisdiction."


FALLBACK = RetentionRule()


def kept_until(rule: RetentionRule, last_service: date, birth_date: date | None, left_on: date | None = None) -> date:
    """The day from which the record may be purged. What left last, on `left_on`, can be accounted for as long as an
    accounting looks back.
    """
    days = [_later(last_service, rule.after_service)]
    if birth_date is not None:
        days.append(_later(birth_date, rule.majority + rule.after_majority))
    if left_on is not None:
        days.append(_later(left_on, LOOK_BACK_YEARS))
    return max(days)


def faults(rule: RetentionRule) -> dict[str, str]:
    """What cannot be, by field."""
    checks = (
        ("after_service", 1 <= rule.after_service <= 100, "Give 1 to 100 years."),
        ("after_majority", 0 <= rule.after_majority <= 100, "Give 0 to 100 years."),
        ("majority", 16 <= rule.majority <= 25, "Give the age of majority."),
        ("source", bool(rule.source.strip()), "Say which law or guideline this follows."),
    )
    return {field: words for field, holds, words in checks if not holds}


def _later(day: date, years: int) -> date:
    """The same day years later; 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
