"""Closed lists of requests for the record: who asks, by what paper, how far it is, and why it was refused.

One member = one code and one label, like schemas/vocabulary.py.
"""

from schemas.vocabulary import Coded


class RequestKind(Coded):
    ACCESS = "access", "Request for access to the record"
    SUBPOENA = "subpoena", "Subpoena"
    COURT_ORDER = "court_order", "Court order"
    WARRANT = "warrant", "Warrant"
    REPORT = "report", "Report for a court or an insurer"
    PROGRESS = "progress", "Progress report for the client"
    SUMMARY = "summary", "Summary for another clinician"


class AskedBy(Coded):
    """How whoever asks stands to the client."""

    CLIENT = "client", "The client"
    REPRESENTATIVE = "representative", "Somebody who says they act for the client"
    RELATIVE = "relative", "A relative or partner"
    LAWYER = "lawyer", "A lawyer"
    COURT = "court", "A court"
    POLICE = "police", "Police"
    INSURER = "insurer", "An insurer"
    OTHER = "other", "Somebody else"


class RequestStatus(Coded):
    OPEN = "open", "Open"
    PROPOSED = "proposed", "Waits for a second person"
    APPROVED = "approved", "Released by two people"
    REFUSED = "refused", "Refused"
    CLOSED = "closed", "Closed"


class RequestStep(Coded):
    PROPOSE = "propose", "Proposed for release"
    APPROVE = "approve", "Released by the second person"
    RETURN = "return", "Sent back by the second person"
    REFUSE = "refuse", "Refused"
    CLOSE = "close", "Closed"


class RefusalReason(Coded):
    """Why nothing is handed out. The first follows 45 CFR 164.502(g)(5), to be confirmed for each jurisdiction."""

    REPRESENTATIVE = "representative", "Not treated as the client's representative: abuse by this person is suspected"
    NO_AUTHORITY = "no_authority", "No authority was shown"
    SUBPOENA_ALONE = "subpoena_alone", "A subpoena alone, without an order or the client's release"
    HARM = "harm", "Access would endanger somebody, says a licensed professional; it can be reviewed"
    NOT_HERE = "not_here", "What is asked for is not in the record"
    WITHDRAWN = "withdrawn", "Whoever asked took it back"


class RequestTask(Coded):
    """What must be done before anything can be proposed."""

    REVIEW = "review", "Look at it with a lawyer"
    NOTICE = "notice", "Tell the client"
    AUTHORITY = "authority", "Check who asks, and by what right"
