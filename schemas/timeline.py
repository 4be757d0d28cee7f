"""Asking for a part of a case's timeline, and what comes back."""

from marshmallow import ValidationError, fields

from schemas.case_codes import TimelineKind
from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, WholeText
from schemas.payload import Payload

LONGEST_PAGE = 200


def _codes(text: str) -> None:
    unknown = [each for each in text.split(",") if each and each not in set(TimelineKind)]
    if unknown:
        raise ValidationError(f"Choose among: {', '.join(TimelineKind)}.")


class TimelineQuery(Payload):
    """`kinds` are codes separated by commas; `after` is the mark that the page before gave."""

    kinds = Line(load_default="", validate=_codes)
    since = LocalDate(load_default=None)
    until = LocalDate(load_default=None)
    after = Line(load_default="")
    limit = WholeText(1, LONGEST_PAGE, load_default=30)


class TimelineChoice(Payload):
    """The same from a form."""

    kind = fields.List(CodedField(TimelineKind), load_default=list)
    since = LocalDate(allow_none=True, load_default=None)
    until = LocalDate(allow_none=True, load_default=None)
    after = Line(load_default="")


class HappeningRecord(Payload):
    at = Instant()
    kind = CodedField(TimelineKind)
    about = Ident()
    words = fields.String()


class TimelinePage(Payload):
    """`further` is the mark to go on from, empty at the end."""

    happened = fields.List(fields.Nested(HappeningRecord))
    further = fields.String()
