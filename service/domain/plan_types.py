"""The eleven kinds of plan as data (domain.md 3.1): their parts, and how far what is typed in each part may travel.

Rule: a part of class N has no heading for a copy, so it has no way onto one. A key names one part in all kinds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.vocabulary import FieldClass, PlanType


@dataclass(frozen=True)
class PlanField:
    """One part of a plan. `heading` stands over it on a client's copy, in words that tell a stranger nothing;
    `most_lines` is 0 where there is no limit. `elements` are the topics of the programme that live here.
    """

    key: str
    label: str
    field_class: FieldClass
    heading: str = ""
    hint: str = ""
    most_lines: int = 0
    elements: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanShape:
    """One kind of plan: what it is for, what to heed before writing it, and its parts in order."""

    purpose: str
    fields: tuple[PlanField, ...]
    caution: str = ""
    elements: tuple[str, ...] = ()


_G, _R, _N = FieldClass.G, FieldClass.R, FieldClass.N

_STAY = PlanShape(
    "For living together, or seeing each other often, with more ways out of a bad hour.",
    (
        PlanField("stay_signs", "Warning signs", _R, "What I notice", "What comes before a bad hour?"),
        PlanField("stay_places", "Calmer places and ways out at home", _N),
        PlanField("stay_hears", "Who hears a signal", _N),
        PlanField("stay_code_word", "Code word", _N),
        PlanField(
            "stay_children",
            "The children's part",
            _N,
            hint="Only what a child can carry: go to a place, ring, stay out.",
        ),
        PlanField("stay_conflict", "Lowering the heat in a conflict", _R, "When it gets loud"),
        PlanField("stay_medical", "Injuries and the way to medical help", _R, "When I feel ill"),
    ),
)
_PREP = PlanShape(
    "For gathering what would be needed, whether or not it is ever used.",
    (
        PlanField("documents", "Documents to gather", _R, "Papers", "Which papers, and which copies already exist?"),
        PlanField("bag_place", "Where a packed bag is kept", _N),
        PlanField(
            "money", "Money and accounts", _N, hint="In small steps that nobody would notice.", elements=("CX-2",)
        ),
        PlanField("transport", "Keys and transport", _N),
        PlanField("medicines", "Medicines and aids", _R, "Medicines"),
        PlanField("pets", "Pets", _R, "Pets"),
        PlanField("who_knows", "Who knows about this", _N),
        PlanField("legal_advice", "Legal advice", _R, "Appointment", "Booked with whom and when, in general words."),
        PlanField("date_or_trigger", "Date, or what would start it", _N),
    ),
    caution="Do not hurry a separation: plan first, with a specialist advocate where there is one.",
)
_LEAVE = PlanShape(
    "For the day itself, step by step.",
    (
        PlanField("leave_route", "Route, time and where to", _N),
        PlanField("leave_with", "Who is with me", _N),
        PlanField(
            "leave_emergency", "Emergency step", _G, "If it cannot wait", "What to do at once, and whom to ring."
        ),
        PlanField("leave_unsaid", "What not to announce", _R, "Keep to myself"),
    ),
    caution="Do not hurry the day, and announce nothing beforehand.",
)
_AFTER = PlanShape(
    "For the first months at a new place, or after the other person has gone.",
    (
        PlanField("after_address", "Address or shelter", _N),
        PlanField("after_phone", "New phone or e-mail", _N),
        PlanField("after_locks", "Locks and safety at home", _N),
        PlanField("after_orders", "Where copies of orders are kept", _N),
        PlanField("after_school", "School and childcare told", _N),
        PlanField("after_routines", "Routines changed", _N, hint="Ways, times, shops, habits."),
        PlanField("after_scheme", "Address confidentiality scheme", _R, "Post"),
    ),
)
_PARENT = PlanShape(
    "For parents who share care and keep all else apart.",
    (
        PlanField("parent_channel", "One written channel", _R, "Messages", elements=("LC-1",)),
        PlanField("parent_topics", "Topics allowed", _R, "Subjects"),
        PlanField(
            "parent_window", "Reply window", _R, "Answer within", "For instance 24 hours, except in emergencies."
        ),
        PlanField("parent_exchange", "Place and time of handing over", _N),
        PlanField("parent_third", "Third party at handing over", _N),
        PlanField("parent_homes", "Each home runs itself", _G, "At home"),
        PlanField("parent_record", "Record of each handing over", _R, "Notes to make", "Goes into the contact log."),
        PlanField("parent_order", "Terms of the order", _R, "Terms"),
        PlanField("parent_child_words", "The child's own words for help", _N),
        PlanField("parent_lawyer", "Lawyer", _R, "Adviser"),
    ),
)
_WORK = PlanShape(
    "For work, study or training.",
    (
        PlanField("work_told", "Who is told", _N),
        PlanField("work_screening", "Screening of calls and e-mail", _R, "Calls and post"),
        PlanField("work_ways", "Arriving and leaving", _N),
        PlanField("work_security", "Photo or order with the front desk", _N),
        PlanField("work_hours", "Timetable", _N),
        PlanField("work_through", "Contact only through", _R, "Go through"),
    ),
)
_DIGITAL = PlanShape(
    "For phones, accounts and everything that could tell where somebody is.",
    (
        PlanField("digital_device", "Safer device first", _R, "Which one first"),
        PlanField("digital_accounts", "Accounts and recovery", _N),
        PlanField("digital_location", "Location sharing and tags", _N),
        PlanField("digital_cloud", "Shared cloud and family plans", _N),
        PlanField("digital_children", "The children's devices", _N),
        PlanField("digital_evidence", "Evidence kept before changes", _R, "Keep first"),
        PlanField("digital_order", "Order of changes", _R, "Order"),
    ),
    caution="Taking something off suddenly can tip off the other person or make things worse. "
    "Talk with a specialist advocate first, and keep evidence before changing anything.",
)
_URGE = PlanShape(
    "For the hours in which the pull is strong.",
    (
        PlanField(
            "early_signs",
            "Early signs for me",
            _G,
            "First signs",
            "What do you notice first, in body, thoughts or habits?",
        ),
        PlanField(
            "delay",
            "Waiting step and for how long",
            _G,
            "Wait first",
            "One thing to do before anything else, and a time.",
        ),
        PlanField("tools", "Three things that have helped", _G, "Things that worked", "One a line."),
        PlanField("person", "Somebody to ring", _N, hint="First name or nickname and how to reach them."),
        PlanField("reasons", "My reasons, in my words", _R, "Reasons"),
        PlanField(
            "after_contact",
            "If contact happened",
            _G,
            "Afterwards",
            "What was going on, and what do you need now?",
            elements=("NC-6",),
        ),
        PlanField("next_session", "What to bring to the next session", _G, "To bring along"),
    ),
    elements=("WMS-3",),
)
_CRISIS = PlanShape(
    "For the hardest moments, when hurting oneself comes to mind.",
    (
        PlanField("crisis_signs", "Signs", _R, "First signs"),
        PlanField("crisis_alone", "Things I can do alone", _G, "By myself"),
        PlanField("crisis_distract", "Places and people that take my mind off it", _N),
        PlanField("crisis_help", "People who help", _N),
        PlanField("crisis_contacts", "Professional and crisis contacts", _G, "Numbers"),
        PlanField("crisis_means", "Making things safer", _R, "Put away", "What is out of reach, and who keeps it."),
        PlanField("crisis_matters", "What matters to me", _R, "What matters"),
    ),
)
_DAY = PlanShape(
    "For one day at a time; tomorrow's is a new version.",
    (
        PlanField("day_date", "Which day", _G, "Day"),
        PlanField(
            "day_actions", "Up to three small actions", _G, "To do", "One a line.", most_lines=3, elements=("DDP-1",)
        ),
        PlanField("day_care", "One act of care for myself", _G, "For me"),
        PlanField("day_contact", "One contact with somebody", _G, "Say hello to", "A nickname is enough."),
        PlanField("day_note", "Note", _G, "Note"),
    ),
)
_MAINT = PlanShape(
    "For the time after the last session.",
    (
        PlanField("maint_check_ins", "Check-ins", _G, "Dates", "With whom and when, booked ahead.", elements=("MN-1",)),
        PlanField(
            "maint_network",
            "My people",
            _R,
            "People",
            "More than one, for more than one thing.",
            elements=("MN-2", "RS-2"),
        ),
        PlanField("maint_learning", "Going on learning", _G, "Reading", elements=("MN-3",)),
        PlanField(
            "maint_care",
            "Looking after myself",
            _G,
            "For me",
            "Sleep, movement, interests and company of my own, money of my own.",
            elements=("MN-4", "RS-1", "RS-3"),
        ),
        PlanField(
            "maint_boundaries",
            "Boundaries, and how I say them",
            _R,
            "What I say",
            "In words that can be said aloud.",
            elements=("MN-5", "RS-4"),
        ),
        PlanField("maint_signs", "Warning signs, and what I do then", _R, "First signs", elements=("RS-5",)),
        PlanField("maint_way_back", "The way back in", _G, "To start again", "Whom to ring to begin again."),
    ),
)

# Plans for several situations stand side by side on one case (CX-5).
SHAPES: Mapping[PlanType, PlanShape] = {
    PlanType.PL_STAY: _STAY,
    PlanType.PL_PREP: _PREP,
    PlanType.PL_LEAVE: _LEAVE,
    PlanType.PL_AFTER: _AFTER,
    PlanType.PL_PARENT: _PARENT,
    PlanType.PL_WORK: _WORK,
    PlanType.PL_DIGITAL: _DIGITAL,
    PlanType.PL_URGE: _URGE,
    PlanType.PL_CRISIS: _CRISIS,
    PlanType.DAY: _DAY,
    PlanType.MAINT: _MAINT,
}
FIELDS: Mapping[PlanType, tuple[PlanField, ...]] = {kind: shape.fields for kind, shape in SHAPES.items()}
EVERY_FIELD: Mapping[str, PlanField] = {each.key: each for fields in FIELDS.values() for each in fields}
