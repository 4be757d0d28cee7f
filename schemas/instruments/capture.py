"""How an answer came about: the five kinds of non-answer, and the circumstances in which a form was filled in.

Codes are stored and exported, labels are shown (domain model, sections 0.5 and 2.1). Nothing here judges; the warnings
that follow from a capture context are in service/domain/capture.py.
"""

from dataclasses import dataclass

from schemas.vocabulary import Coded


class NonAnswer(Coded):
    """Why an item holds no answer. Five different things, never folded into one and never read as "no" or as zero."""

    ASKED_NO = "asked_no", "Asked, no answer given"
    DECLINED = "declined", "Declined to say"
    UNSURE = "unsure", "Unsure"
    NOT_ASKED = "not_asked", "Not asked"
    NOT_APPLICABLE = "not_applicable", "Does not apply"


class ContactContext(Coded):
    """How things stand with the other person, as told."""

    SEPARATED_NO_CONTACT = "separated_no_contact", "Separated, no contact"
    SEPARATED_LIMITED_CONTACT = "separated_limited_contact", "Separated, limited contact"
    TOGETHER = "together", "Together"
    ON_OFF = "on_off", "On and off"
    UNSURE = "unsure", "Unsure"


class CaptureChannel(Coded):
    """Where the form was filled in."""

    IN_PERSON = "in_person", "In person"
    CLINIC_DEVICE = "clinic_device", "By the client on the clinic's device"
    PAPER = "paper", "On paper"
    VIDEO = "video", "Video session"
    PHONE = "phone", "Phone call"
    SENT = "sent", "Sent by a connected system"

    @property
    def is_remote(self) -> bool:
        return self in (CaptureChannel.VIDEO, CaptureChannel.PHONE)


class Privacy(Coded):
    """Whether the client could answer in private."""

    YES = "yes", "Private"
    NO = "no", "Not private"
    UNKNOWN = "unknown", "Not known whether private"


class PenHolder(Coded):
    """Who wrote or clicked the answers."""

    CLIENT = "client", "The client"
    CLINICIAN = "clinician", "The clinician"
    PARTNER = "partner", "A partner"
    RELATIVE = "relative", "A relative"
    OTHER = "other", "Someone else"


class Interpreter(Coded):
    """Who interpreted, if anyone."""

    NONE = "none", "No interpreter"
    PROFESSIONAL = "professional", "Professional interpreter"
    PARTNER = "partner", "A partner interpreted"
    RELATIVE = "relative", "A relative interpreted"
    OTHER = "other", "Someone else interpreted"


@dataclass(frozen=True)
class CaptureContext:
    """Kept beside every response. `device_confirmed` is about a remote client's device and stays None for any other
    channel.
    """

    channel: CaptureChannel
    private: Privacy = Privacy.UNKNOWN
    held_pen: PenHolder = PenHolder.CLINICIAN
    interpreter: Interpreter = Interpreter.NONE
    device_confirmed: bool | None = None

    def __post_init__(self) -> None:
        if self.device_confirmed is not None and not self.channel.is_remote:
            raise ValueError("device_confirmed is recorded for remote channels only")
