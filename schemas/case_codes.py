"""Closed lists of the case record: weekdays of agreed times, and whether a way to reach a client may be used now.

One member = one code and one label, like schemas/vocabulary.py. Labels never reassure and never name a danger level.
"""

from schemas.vocabulary import Coded


class Weekday(Coded):
    """In the order of datetime.weekday()."""

    MON = "mon", "Mon"
    TUE = "tue", "Tue"
    WED = "wed", "Wed"
    THU = "thu", "Thu"
    FRI = "fri", "Fri"
    SAT = "sat", "Sat"
    SUN = "sun", "Sun"


class WayState(Coded):
    """May a way to reach the client be used at this moment?"""

    NOW = "now", "May be used now"
    READ = "read", "Read first"
    LATER = "later", "Not now"
    NEVER = "never", "Never"
