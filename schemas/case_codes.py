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


class DurationBand(Coded):
    """How long the relationship has lasted or did last. Context only, never a forecast."""

    UNKNOWN = "unknown", "Not recorded"
    UNDER_ONE = "under_1", "Under a year"
    ONE_TO_THREE = "1_3", "1 to 3 years"
    THREE_TO_SEVEN = "3_7", "3 to 7 years"
    SEVEN_TO_FIFTEEN = "7_15", "7 to 15 years"
    OVER_FIFTEEN = "over_15", "Over 15 years"


class AgeBand(Coded):
    """Ages of children in common; no names and no birth dates."""

    UNBORN = "unborn", "Not born yet"
    UNDER_THREE = "0_2", "Under 3"
    UNDER_SIX = "3_5", "3 to 5"
    UNDER_TWELVE = "6_11", "6 to 11"
    UNDER_EIGHTEEN = "12_17", "12 to 17"
    ADULT = "adult", "Grown up"


class ContactReason(Coded):
    """Why contact goes on."""

    CHILDREN = "children", "Shared children"
    WORK = "work", "Workplace"
    FINANCE = "finance", "Shared money"
    COURT = "court", "Court"
    FAMILY = "family", "Family or community"
    OTHER = "other", "Something else"


class Constraint(Coded):
    """What cannot be changed at present and plans must fit around."""

    CUSTODY = "custody", "Shared care of children"
    COHABITING_FINANCIAL = "cohabiting_financial", "Living together for money reasons"
    WORKPLACE = "workplace", "Contact at work that cannot be avoided"


class OrderType(Coded):
    NONE = "none", "No order"
    PROTECTION = "protection", "Protection order"
    NO_CONTACT = "no_contact", "No-contact order"
    HOME = "home", "Order about the home"
    CARE = "care", "Order about care of children"
    CONTACT_WITH_CHILDREN = "child_contact", "Order about contact with children"
    CRIMINAL = "criminal", "Condition in a criminal case"
    OTHER = "other", "Another order"


class OrderStatus(Coded):
    APPLIED = "applied", "Applied for"
    IN_FORCE = "in_force", "In force"
    ENDED = "ended", "Ended"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REFUSED = "refused", "Refused"


class Concern(Coded):
    """What brings the client, as they tell it; several at once."""

    LOW_MOOD = "low_mood", "Low mood"
    ANXIETY = "anxiety", "Worry or panic"
    SLEEP = "sleep", "Sleep"
    MEMORIES = "memories", "Memories that come unasked"
    GRIEF = "grief", "Grief"
    ANGER = "anger", "Anger"
    PULL = "pull", "A pull to go back"
    FEAR = "fear", "Fear"
    ALONE = "alone", "Being alone"
    BODY = "body", "Body and health"
    SUBSTANCES = "substances", "Alcohol or other substances"
    CHILDREN = "children", "Children"
    MONEY = "money", "Money or housing"
    WORK = "work", "Work or study"
    LEGAL = "legal", "Court or police"


class FormulationFactor(Coded):
    """What may keep the bond going, for this client, as worked out together: ideas, never findings about anyone."""

    INTERMITTENT = "intermittent", "Harm mixed unpredictably with kindness"
    SURVIVAL_RESPONSE = "survival_response", "Holding on was a way to get through"
    SELF_EROSION = "self_erosion", "Leaning on the other person until own wishes faded"
    AMBIVALENCE = "ambivalence", "Knowing and hoping at once"
    ISOLATION = "isolation", "Few other people left, and trust is hard"
    REALITY_DISTORTION = "reality_distortion", "Not sure of own perceptions"


class ReferralDirection(Coded):
    TO_US = "to_us", "Referred to this practice"
    FROM_US = "from_us", "Referred on by this practice"


class ReferralKind(Coded):
    """Who refers, or to what kind of service."""

    SELF = "self", "The client"
    PRIMARY_CARE = "primary_care", "Primary care"
    SPECIALIST_DV = "specialist_dv", "Specialist domestic-abuse service"
    LEGAL = "legal", "Legal help"
    MENTAL_HEALTH = "mental_health", "Mental-health service"
    MEDICAL = "medical", "Hospital or medical specialist"
    SUBSTANCE = "substance", "Substance-use service"
    HOUSING = "housing", "Housing or money advice"
    OTHER = "other", "Somebody else"


class Urgency(Coded):
    ROUTINE = "routine", "Routine"
    SOON = "soon", "Soon"
    URGENT = "urgent", "Urgent"


class ReferralDecision(Coded):
    PENDING = "pending", "Not decided yet"
    ACCEPTED = "accepted", "Accepted"
    WAITLISTED = "waitlisted", "On the waiting list"
    DECLINED = "declined", "Not taken on"
    PASSED_ON = "passed_on", "Passed on"


class TimelineKind(Coded):
    """What stands on the timeline of a case."""

    SESSION = "session", "Sessions"
    NOTE = "note", "Signed notes and what followed"
    FORM = "form", "Logs and forms"
    PLAN = "plan", "Plans"
    EVENT = "event", "Safety events"
    GOAL = "goal", "Goals"
    DIAGNOSIS = "diagnosis", "Diagnoses"
    EPISODE = "episode", "Episode of care"
    CHANGE = "change", "Changed details"
    FACTS = "facts", "Relationship facts"
    REFERRAL = "referral", "Referrals"
    PROGRAMME = "programme", "Programme"
    CONSENT = "consent", "Consents"
    RELEASE = "release", "Releases"
    DISCLOSURE = "disclosure", "What left"
    SUPERVISION = "supervision", "Supervision"
    CONTACT = "contact", "Contact plan and boundaries"
    TOOL = "tool", "Toolkit"
    NETWORK = "network", "People around the client"
    PROXY = "proxy", "Who could see it elsewhere"
    REVIEW = "review", "Relationship review"
    REQUEST = "request", "Requests for the record"
    WALL = "wall", "Who may reach the case"


class Voice(Coded):
    """Whose words a review of the relationship is in."""

    CLIENT = "client", "The client's words"
    CLINICIAN = "clinician", "The clinician's words, as told by the client"


class GoalReview(Coded):
    """What a look at a goal together brought."""

    MOVING = "moving", "Moving, in the client's view"
    SAME = "same", "As before"
    HARDER = "harder", "Harder than before"
    CHANGED = "changed", "The goal itself has changed"


class DeadlineKind(Coded):
    """What of a case is looked at again by a day; the labels may be read over a shoulder."""

    CONTACT = "contact", "Contact details to confirm again"
    RECORD = "record", "Record check to ask again"
    GOAL = "goal", "Goals to look at again"
    RELEASE = "release", "A release ends soon"
    REQUEST = "request", "A request to answer"
    AGREEMENT = "agreement", "An agreement to look at again"
