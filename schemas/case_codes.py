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


class EpisodeState(Coded):
    """Where an episode of care stands. The last three end it; what comes after is a new episode linked to it."""

    ENQUIRY = "enquiry", "Enquiry"
    REFERRED = "referred", "Referred"
    ASSESSMENT = "assessment", "Assessment"
    WAITLIST = "waitlist", "Waiting list"
    ACTIVE = "active", "Active"
    ON_HOLD = "on_hold", "On hold"
    REVIEW = "review", "Review"
    CLOSING = "closing", "Closing"
    CLOSED = "closed", "Closed"
    DECLINED = "declined", "Not taken on"
    TRANSFERRED = "transferred", "Transferred"


class EndReason(Coded):
    """Why an episode ends."""

    GOALS_MET = "goals_met", "Goals met, in the client's view"
    PLANNED = "planned", "Planned ending"
    CLIENT_CHOICE = "client_choice", "Client's choice"
    LOST_CONTACT = "lost_contact", "Lost contact"
    MOVED = "moved", "Moved away"
    TRANSFERRED = "transferred", "Transferred to another service"
    OTHER_NEED = "other_need", "Another need comes first"
    SAFETY = "safety", "Safety reasons"
    DIED = "died", "Died"


class DischargeState(Coded):
    """How far the paper of an ending is."""

    WAITING = "waiting", "Waits for a supervisor"
    RETURNED = "returned", "Returned by a supervisor"
    DONE = "done", "Done"
