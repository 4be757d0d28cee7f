"""Closed lists with their labels: every coded value that a person chooses or a row stores.

One member = one code (stored, exported) and one label (shown). Labels follow the wording rules of docs/reference;
they never
reassure and never name a danger level. This module imports nothing of the product.
"""

from enum import StrEnum
from typing import Self


class Coded(StrEnum):
    """A string code that also carries the words shown for it."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:  # lookup by code passes no label
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


class Role(Coded):
    """What an account is for. Two belong to no account: `system` is the service itself (demo loading, background work),
    `handover` a client's screen, which acts for the therapist who handed it over.
    """

    THERAPIST = "therapist", "Therapist"
    SUPERVISOR = "supervisor", "Supervisor"
    ADMIN = "admin", "Administrator"
    MACHINE = "machine", "Connected system"
    SYSTEM = "system", "Stepwell"
    HANDOVER = "handover", "Client's screen"


class Relation(Coded):
    """How an actor stands to one case. `none` is for actions that concern no case."""

    OWNER = "owner", "assigned therapist"
    COVER = "cover", "covering therapist"
    SUPERVISES = "supervises", "supervisor of the therapist"
    LINKED = "linked", "connected system linked to the case"
    READER = "reader", "second reader whom the case waits for"
    COSIGNER = "cosigner", "supervisor who cosigns a note that waits"
    GLASS = "glass", "colleague who opened it in an emergency"
    COLLEAGUE = "colleague", "same practice"
    STRANGER = "stranger", "other practice"
    BLOCKED = "blocked", "blocked from the case"
    NONE = "none", "no case"


class CaseState(Coded):
    """What a case is, as far as permission cares; several can hold at once."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    SEALED = "sealed", "Restricted"
    HELD = "held", "Legal hold"
    PURGED = "purged", "Purged"


class CaseStatus(Coded):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    PURGED = "purged", "Purged"


class AssignmentKind(Coded):
    OWNER = "owner", "Assigned therapist"
    COVER = "cover", "Covering"
    LINKED = "linked", "Connected system"
    BLOCKED = "blocked", "Blocked"


class SessionType(Coded):
    INTAKE = "intake", "First appointment"
    INDIVIDUAL = "individual", "Individual session"
    GROUP = "group", "Group session"
    REVIEW = "review", "Review"
    PHONE = "phone", "Phone check-in"
    VIDEO = "video", "Video session"
    CRISIS = "crisis", "Crisis contact"
    COLLATERAL = "collateral", "Contact with another person, with consent"
    FAMILY = "family", "Family or child consult"
    JOINT = "joint", "Joint session with the other person"


class Attendance(Coded):
    PLANNED = "planned", "Planned"
    ATTENDED = "attended", "Attended"
    LATE = "late", "Attended, late start"
    CANCELLED_CLIENT_EARLY = "cancelled_client_early", "Cancelled by client, 24 h or more ahead"
    CANCELLED_CLIENT_LATE = "cancelled_client_late", "Cancelled by client, under 24 h ahead"
    CANCELLED_CLINICIAN = "cancelled_clinician", "Cancelled by clinician"
    NO_SHOW = "no_show", "Did not come"
    SAFETY_CANCELLED = "safety_cancelled", "Cancelled for safety reasons"


class RiskStatus(Coded):
    """Whether safety was asked about in a session; never what the answer means."""

    UNRECORDED = "unrecorded", "Not recorded yet"
    ASKED_NOTHING_NEW = "asked_nothing_new", "Asked; nothing new disclosed"
    ASKED_CHANGED = "asked_changed", "Asked; something changed"
    NOT_ASKED = "not_asked", "Not asked, with a reason"


class AskedAnswer(Coded):
    """Answers to questions about circumstances; the last four are different from each other on purpose."""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNSURE = "unsure", "Unsure"
    DECLINED = "declined", "Declined to say"
    NOT_ASKED = "not_asked", "Not asked"
    NOT_APPLICABLE = "not_applicable", "Does not apply"


class PlanRight(Coded):
    """The answer to "is the plan still right?" in a session."""

    UNRECORDED = "unrecorded", "Not recorded yet"
    STILL_RIGHT = "still_right", "Client says it still fits"
    NEEDS_CHANGE = "needs_change", "Needs changes"
    NO_PLAN = "no_plan", "No plan yet"
    NOT_DISCUSSED = "not_discussed", "Not discussed today"


class NoteFormat(Coded):
    SOAP = "soap", "SOAP"
    DAP = "dap", "DAP"
    BIRP = "birp", "BIRP"
    GIRP = "girp", "GIRP"
    FREE = "free", "Free form"


class NoteStatus(Coded):
    DRAFT = "draft", "Draft"
    SIGNED = "signed", "Signed"


class PlanType(Coded):
    PL_URGE = "PL-URGE", "Plan for strong urges"
    PL_CRISIS = "PL-CRISIS", "Plan for the hardest moments"
    PL_STAY = "PL-STAY", "Plan while staying"
    PL_PREP = "PL-PREP", "Preparing plan"
    PL_LEAVE = "PL-LEAVE", "Plan for the day of leaving"
    PL_AFTER = "PL-AFTER", "Plan for after leaving"
    PL_PARENT = "PL-PARENT", "Plan for shared care"
    PL_WORK = "PL-WORK", "Plan for work or study"
    PL_DIGITAL = "PL-DIGITAL", "Plan for devices and accounts"
    DAY = "DAY", "Day-by-day plan"
    MAINT = "MAINT", "After-care plan"


class PlanStatus(Coded):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "In use"
    SUPERSEDED = "superseded", "Replaced by a newer version"
    WITHDRAWN = "withdrawn", "Withdrawn"


class CopyAnswer(Coded):
    """The answer to "is any copy safe to hold?"; no copy is the answer that stands until another is given."""

    NONE = "none", "No copy"
    ALOUD = "aloud", "Read it aloud together and remember it"
    CARD = "card", "A small card, so that no photo is needed, with the ticked lines and no names"
    COPY = "copy", "A copy on paper or file, with the ticked lines and no names"
    SUMMARY = "summary", "A clinical summary for another provider, by a release"


class ReportPart(Coded):
    """What a progress report for the client may hold; the client chooses."""

    NAME = "name", "The client's chosen name"
    AUTHOR = "author", "The name of the therapist"
    ATTENDANCE = "attendance", "Sessions and their dates"
    GOALS = "goals", "Goals, in the client's words"
    LOG = "log", "The log, with charts"
    URGE = "urge", "Urges beside confidence"
    RESULTS = "results", "Numbers of other forms, with charts"
    HELPED = "helped", "What has helped"
    TOPICS = "topics", "Topics of the programme that were worked on"
    PLAN = "plan", "When the plan was reviewed"
    STEPS = "steps", "Next small steps"
    HOPE = "hope", "A closing paragraph about the way ahead"


class FieldClass(Coded):
    """How far a plan field may travel."""

    G = "G", "may leave, if the client agrees"
    R = "R", "restricted"
    N = "N", "stays here"


class EventLevel(Coded):
    """How soon a person must respond; a level of response, not of danger."""

    NOW = "NOW", "Respond now"
    TODAY = "TODAY", "Respond today"
    NEXT = "NEXT", "Respond at the next session"


class EventStatus(Coded):
    """`disposed` stands until its check date; nothing is ever removed."""

    OPEN = "open", "Open"
    DISPOSED = "disposed", "Followed up"
    ENDED = "ended", "Ended after a check"
    WRONG = "wrong", "Entered in error"


class GoalDomain(Coded):
    SAFETY = "safety", "Safety"
    SYMPTOMS = "symptoms", "Symptoms"
    FUNCTION = "function", "Daily life"
    RELATIONSHIPS = "relationships", "Relationships"
    FINANCIAL = "financial", "Money"
    PERSONAL = "personal", "Personal"


class GoalStatus(Coded):
    ACTIVE = "active", "Working on it"
    ONHOLD = "onhold", "Paused"
    REACHED = "reached", "Reached, in the client's view"
    DROPPED = "dropped", "No longer a goal"


class Channel(Coded):
    PHONE = "phone", "Phone call"
    TEXT = "text", "Text message"
    EMAIL = "email", "E-mail"
    POST = "post", "Post"


class ChannelRule(Coded):
    OK = "ok", "Fine to use"
    BETWEEN = "between", "Only at these times"
    NEVER = "never", "Never"


class Gender(Coded):
    """FHIR administrative-gender."""

    FEMALE = "female", "Female"
    MALE = "male", "Male"
    OTHER = "other", "Other"
    UNKNOWN = "unknown", "Not recorded"


class ResponseStatus(Coded):
    """FHIR QuestionnaireResponse.status codes in use."""

    COMPLETED = "completed", "Recorded"
    AMENDED = "amended", "Correction of an earlier log"


class HandoverState(Coded):
    """How a form stands that was handed to the client on the practice's own device."""

    WAITING = "waiting", "Waiting for the code"
    LAPSED = "lapsed", "The code was not used in time"
    CANCELLED = "cancelled", "Called off"
    OPEN = "open", "Open on the client's screen"
    FINISHED = "finished", "Finished by the client"
    EMPTY = "empty", "Ended before anything was answered"
    UNFINISHED = "unfinished", "Filled in by the client, not finished"
    TAKEN = "taken", "Not finished, taken into the record"
    DISCARDED = "discarded", "Not finished, answers discarded"


class HandoverMode(Coded):
    """How the client's screen asks."""

    STEPS = "steps", "One question at a time"
    PAGE = "page", "All on one page"


class LinkKind(Coded):
    """One-time links: what redeeming one does."""

    SIGN_IN = "sign_in", "One-time sign-in"
    INVITE = "invite", "Invitation"
    RESET = "reset", "Password reset"


class Verdict(Coded):
    ALLOWED = "allowed", "Allowed"
    REFUSED = "refused", "Refused"


class ReliabilitySource(Coded):
    """Where the numbers behind a reliable change index come from."""

    PUBLISHED = "published", "published study"
    LOCAL = "local", "study of this practice"


class ReliabilityMethod(Coded):
    RETEST = "retest", "retest reliability"
    ALPHA = "alpha", "internal consistency (alpha)"


class Rhythm(Coded):
    """How often an instrument is due on one case."""

    USUAL = "usual", "As the instrument says"
    OWN = "own", "At an interval of its own"
    PAUSED = "paused", "Paused"
    NOT_WANTED = "not_wanted", "Not wanted on this case"
