"""Closed lists of consent, release and disclosure: what was agreed, what may leave, to whom, on what ground.

One member = one code and one label, like schemas/vocabulary.py. Labels never reassure and never name a danger level.
"""

from schemas.vocabulary import Coded


class ConsentKind(Coded):
    """What a client can agree to, each apart from the others."""

    TREATMENT = "treatment", "Treatment"
    TELEHEALTH = "telehealth", "Sessions by video or phone"
    RECORDING = "recording", "Recording of sessions"
    MESSAGING = "messaging", "Messages between sessions"
    OUTCOME_USE = "outcome_use", "Use of answers in the practice's own figures"
    RECORD_SYSTEM = "record_system", "Reading of the record by a connected record system"
    RELEASE = "release", "Being asked about releases at all"


class ConsentAnswer(Coded):
    """What the client said. What was never asked has no answer."""

    GIVEN = "given", "Given"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class SaidHow(Coded):
    WRITTEN = "written", "In writing"
    VERBAL = "verbal", "Spoken"


class ContentClass(Coded):
    """What a release can name. Nothing else can leave by one."""

    CARE = "care", "That there is care here, since when and with whom"
    ATTENDANCE = "attendance", "Dates and types of sessions"
    GOALS = "goals", "Goals, in the client's words"
    LOGS = "logs", "Logs and forms with their scores"
    NOTES = "notes", "Signed progress notes"
    PLAN_DATES = "plan_dates", "That a plan exists, and its dates"
    PLAN_LINES = "plan_lines", "Parts of plans in use that may be passed on, in the client's words"
    DIAGNOSES = "diagnoses", "Diagnoses, with codes that can tell why the client is here"
    SUMMARY = "summary", "A written summary or report"
    PSYCHOTHERAPY = "psychotherapy", "Psychotherapy notes"


class ReleaseForm(Coded):
    """Psychotherapy notes have a form of their own, which names nothing else."""

    ORDINARY = "ordinary", "Release of information"
    PSYCHOTHERAPY = "psychotherapy", "Release of psychotherapy notes"


class ReleasePurpose(Coded):
    """Why somebody receives something; the client's own words stand beside it."""

    TREATMENT = "treatment", "Treatment by somebody else"
    COORDINATION = "coordination", "Working together with another service"
    INSURANCE = "insurance", "Payment or insurance"
    LEGAL = "legal", "A legal matter"
    CLIENT_USE = "client_use", "The client's own use"
    HOUSING = "housing", "Housing, work or benefits"
    OTHER = "other", "Something else, named beside it"


class SendRoute(Coded):
    """How something leaves."""

    HANDED = "handed", "Handed over in person"
    POST = "post", "By post"
    FAX = "fax", "By fax"
    SECURE = "secure", "By an encrypted way"
    EMAIL = "email", "By e-mail"
    SPOKEN = "spoken", "Spoken, in person or by phone"
    SYSTEM = "system", "From one record system to another"


class ReleaseStatus(Coded):
    """What is stored. Whether a signed release has run out follows from its day."""

    DRAFT = "draft", "Prepared, not signed"
    SIGNED = "signed", "Signed"
    REVOKED = "revoked", "Revoked"
    DROPPED = "dropped", "Not signed, dropped"


class ReleaseState(Coded):
    """How a release stands today."""

    DRAFT = "draft", "Prepared, not signed"
    IN_FORCE = "in_force", "In force"
    EXPIRED = "expired", "Run out"
    REVOKED = "revoked", "Revoked"
    DROPPED = "dropped", "Dropped"


class ReleaseStep(Coded):
    SIGN = "sign", "Signed by the client"
    REVOKE = "revoke", "Revoked by the client"
    DROP = "drop", "Dropped before it was signed"


class LegalBasis(Coded):
    """On what ground something leaves."""

    RELEASE = "release", "A release that the client signed"
    CLIENT = "client", "The client asks for it or takes it along"
    TREATMENT = "treatment", "Treatment by another clinician, where the law asks for no release"
    ORDER = "order", "A court order or warrant, released by two people"
    ACCESS = "access", "A request for access, released by two people"
    DUTY = "duty", "A duty laid down by law"
    OWN_SYSTEM = "own_system", "The practice's own record system"


class Door(Coded):
    """By which way something left."""

    EXPORT = "export", "Export of the record"
    REPORT = "report", "Progress report"
    PLAN_COPY = "plan_copy", "Client's own copy of a plan"
    PLAN_SUMMARY = "plan_summary", "Clinical summary of a plan"
    TREATMENT_SUMMARY = "treatment_summary", "Summary for another clinician"
    REVIEW_COPY = "review_copy", "Client's own copy of the relationship review"
    TIMELINE = "timeline", "Timeline as a table"
    LINK = "link", "Standing link of a connected system"
    BULK = "bulk", "Bulk export to a connected system"
    OTHER = "other", "Outside Stepwell, entered by hand"


# What a client takes along under a neutral title; wherever it is told on paper, the paper is as neutral.
OWN_COPIES = frozenset({Door.PLAN_COPY, Door.REVIEW_COPY})


class ClientTold(Coded):
    """Whether the client knows that it left."""

    BEFORE = "before", "Told before it left"
    AFTER = "after", "Told afterwards"
    NOT_ALLOWED = "not_allowed", "Not told, because the law forbids it"
    NOT_YET = "not_yet", "Not told yet"
