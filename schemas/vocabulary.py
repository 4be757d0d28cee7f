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


class EpisodeStatus(Coded):
    """FHIR EpisodeOfCare.status codes that a Stepwell episode uses."""

    PLANNED = "planned", "Enquiry"
    WAITLIST = "waitlist", "Waiting list"
    ACTIVE = "active", "Active"
    ONHOLD = "onhold", "On hold"
    FINISHED = "finished", "Finished"
    CANCELLED = "cancelled", "Not taken on"


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
    PL_PREP = "PL-PREP", "Preparing plan"


class PlanStatus(Coded):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "In use"
    SUPERSEDED = "superseded", "Replaced by a newer version"
    WITHDRAWN = "withdrawn", "Withdrawn"


class CopyAnswer(Coded):
    """The answer to "is any copy safe to hold?"; no copy is the answer that stands until another is given."""

    NONE = "none", "No copy"
    ALOUD = "aloud", "Read it aloud together and remember it"
    COPY = "copy", "A copy on paper or file, with the ticked lines and no names"


class ReportPart(Coded):
    """What a progress report for the client may hold; the client chooses."""

    NAME = "name", "The client's chosen name"
    AUTHOR = "author", "The name of the therapist"
    ATTENDANCE = "attendance", "Sessions and their dates"
    GOALS = "goals", "Goals, in the client's words"
    LOG = "log", "The log, with charts"
    URGE = "urge", "Urges beside confidence"
    HELPED = "helped", "What has helped"
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


class Action(Coded):
    """Everything that can be asked for: the row of the permission table and the word in the audit."""

    SIGN_IN = "account:sign_in", "Signed in"
    SIGN_OUT = "account:sign_out", "Signed out"
    LOCK = "account:lock", "Locked the screen"
    UNLOCK = "account:unlock", "Unlocked the screen"
    STEP_UP = "account:step_up", "Confirmed identity"
    PASSWORD_SET = "account:password:set", "Set own password"
    TOTP_ENROL = "account:totp:enrol", "Set up sign-in codes"
    ACCOUNT_READ = "account:read", "Looked at own account"
    SESSIONS_END = "account:sessions:end", "Ended a signed-in device"

    PEOPLE_READ = "people:read", "Looked at people"
    PEOPLE_INVITE = "people:invite", "Invited a person"
    PEOPLE_RESET = "people:reset", "Issued a reset link"
    PEOPLE_END = "people:end", "Ended an account"
    SUPERVISION_CHANGE = "people:supervision:change", "Changed supervision"
    AUDIT_READ = "audit:read", "Looked at the audit"
    CASE_ACCESS = "case:access:set", "Set who may reach a case"

    DAY_READ = "day:read", "Looked at own day"
    CASELOAD_READ = "caseload:read", "Looked at own caseload"
    TEAM_READ = "team:read", "Looked at the team caseload"
    CASE_FIND = "case:find", "Searched own cases"

    CASE_OPEN = "case:open", "Opened a case"
    CASE_READ = "case:read", "Read a case"
    CASE_CHANGE = "case:change", "Changed a case"
    CASE_ASSIGN = "case:assign", "Changed who is assigned"
    CASE_CLOSE = "case:close", "Closed a case"
    GOAL_WRITE = "goal:write", "Changed a goal"
    SESSION_READ = "session:read", "Read sessions"
    SESSION_WRITE = "session:write", "Recorded a session"
    NOTE_READ = "note:read", "Read a note"
    NOTE_WRITE = "note:write", "Wrote a draft note"
    NOTE_SIGN = "note:sign", "Signed a note"
    NOTE_ADDENDUM = "note:addendum", "Added an addendum"
    INTAKE_READ = "intake:read", "Read logs"
    INTAKE_SUBMIT = "intake:answers:submit", "Recorded a log"
    INTAKE_AMEND = "intake:answers:amend", "Corrected a log"
    HANDOVER_MAKE = "handover:make", "Handed a form over"
    HANDOVER_READ = "handover:read", "Read a form that was handed over"
    HANDOVER_END = "handover:end", "Ended a form that was handed over"
    HANDOVER_TAKE = "handover:take", "Took an unfinished form into the record"
    HANDOVER_OPEN = "handover:open", "Opened the client's screen"
    HANDOVER_ANSWER = "handover:answer", "Answered on the client's screen"
    HANDOVER_FINISH = "handover:finish", "Finished on the client's screen"
    HANDOVER_LEAVE = "handover:leave", "Left the client's screen"
    PLAN_READ = "plan:read", "Read a plan"
    PLAN_WRITE = "plan:write", "Changed a plan"
    PLAN_ACTIVATE = "plan:activate", "Put a plan in use"
    PLAN_COPY = "plan:copy", "Made a copy of a plan"
    EVENT_READ = "event:read", "Read safety events"
    EVENT_OPEN = "event:open", "Opened a safety event"
    EVENT_DISPOSE = "event:dispose", "Recorded a follow-up"
    EVENT_ERROR = "event:error", "Said that an event was entered in error"
    EVENT_SECOND_READ = "event:second_read", "Read an event as second reader"
    READINGS_LIST = "event:second_read:list", "Looked at what waits for a second reader"
    CRISIS_READ = "practice:crisis:read", "Looked at the crisis lines"
    CRISIS_CHANGE = "practice:crisis:change", "Changed or confirmed the crisis lines"
    READERS_CHANGE = "practice:readers:change", "Changed who reads as second reader"
    REPORT_MAKE = "report:make", "Made a report"
    EXPORT_PREVIEW = "export:preview", "Previewed an export"
    EXPORT_MAKE = "export:make", "Exported a case"
    FHIR_READ = "fhir:read", "Read FHIR data"
    FHIR_DIRECTORY = "fhir:directory", "Read FHIR directory data"
    FHIR_BUILD = "fhir:build", "Built FHIR data"
    INSTRUMENT_READ = "instrument:read", "Read an instrument"
    INSTRUMENT_IMPORT = "instrument:import", "Imported an instrument"
    INSTRUMENT_RETIRE = "instrument:retire", "Retired an imported instrument"
    INSTRUMENT_THRESHOLD = "instrument:threshold", "Attached a published threshold"
    INTAKE_DECLINE = "intake:decline", "Recorded that a log was declined"
    SCHEDULE_SET = "schedule:set", "Set how often an instrument is due"
    RELIABILITY_READ = "reliability:read", "Looked at reliabilities"
    RELIABILITY_SET = "reliability:set", "Entered or withdrew a reliability"
