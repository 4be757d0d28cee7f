"""Closed lists of safety work: what happens to an event, second readers, crisis lines, and how far a note is.

One member = one code and one label, like schemas/vocabulary.py. Labels never reassure and never name a danger level.
"""

from schemas.vocabulary import Coded


class EventStep(Coded):
    """What happened to an event after it was opened; each is kept as a row of its own."""

    JOINED = "joined", "The same answer again"
    DUE_AGAIN = "due_again", "The same answer again: due again"
    FOLLOWED_UP = "followed_up", "Follow-up recorded"
    READ = "read", "Read by a second reader"
    MORE = "more", "Read by a second reader: more is needed"
    STEPPED = "stepped", "Stepped to today by a second reader"
    ERROR_SAID = "error_said", "Said to be entered in error"
    ERROR_AGREED = "error_agreed", "Entered in error, agreed by a second reader"
    ERROR_REFUSED = "error_refused", "Not an error, says the second reader"


class Awaiting(Coded):
    """What a second reader is asked to look at."""

    FOLLOW_UP = "follow_up", "A follow-up of an event to respond to now"
    ERROR = "error", "An event said to be entered in error"


class ReadingVerdict(Coded):
    AGREED = "agreed", "Agreed"
    MORE = "more", "Not agreed: more is needed"
    STEPPED = "stepped", "Agreed, and a response on the same day is enough from here"


class CrisisKind(Coded):
    """The lines that a practice must name before any instrument can be used."""

    EMERGENCY = "emergency", "Emergency"
    CRISIS = "crisis", "Crisis line"
    SPECIALIST = "specialist", "Specialist domestic-abuse service"


class NoteState(Coded):
    """How far a note is, worked out from its status and the events of its case; never stored."""

    DRAFT = "draft", "Draft"
    DRAFT_BLOCKED = "draft_blocked", "Draft, blocked: a follow-up to respond now is open"
    SIGNED = "signed", "Signed"
    WRONG = "wrong", "Entered in error"


class Disposition(Coded):
    EMERGENCY_AGREED = "emergency_agreed", "Emergency services, with agreement"
    EMERGENCY_WITHOUT = "emergency_without", "Emergency services, without agreement (reason)"
    CRISIS_TEAM = "crisis_team", "Crisis team or emergency department"
    MEDICAL_ARRANGED = "medical_arranged", "Medical evaluation arranged"
    MEDICAL_DECLINED = "medical_declined", "Medical evaluation declined"
    ADVOCATE_HANDOVER = "advocate_handover", "Specialist advocate, warm handover"
    PLAN_REVISED = "plan_revised", "Safety plan made or revised"
    STRUCTURED_TOOL = "structured_tool", "Structured tool completed by a trained person"
    SUPERVISOR_CONSULTED = "supervisor_consulted", "Supervisor consulted"
    EXTRA_CONTACT = "extra_contact", "Extra contact booked"
    REPORT_DUTY = "report_duty", "Mandated report duty considered"
    CLIENT_DECLINED = "client_declined", "Client declined what was offered"
    NOT_REACHED = "not_reached", "Could not reach by an agreed channel"
    REVIEWED = "reviewed", "Reviewed, no new action (rationale)"
