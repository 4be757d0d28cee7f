"""Which years a day or an instant may lie in, at every edge. Rule: what lies far outside has no local time."""

FIRST_YEAR = 1900
LAST_YEAR = 2200
YEARS = f"Give a year from {FIRST_YEAR} to {LAST_YEAR}."


def is_year_taken(year: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR
