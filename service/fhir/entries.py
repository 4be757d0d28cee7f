"""A resource on its way into a Bundle or a package, as the bytes that were stored."""

from datetime import date
from typing import NamedTuple

from schemas.release_codes import ContentClass


class Entry(NamedTuple):
    """A resource on its way into a Bundle. `content` is its class where that is not the one of its type, `what` what it
    is in people's words where those of its type do not fit, `record_type` what it was made of; `day` is that of what
    happens on one, where an export is bound to some.
    """

    type: str
    id: str
    body: bytes
    mode: str = "match"
    content: ContentClass | None = None
    what: str = ""
    record_type: str = ""
    day: date | None = None
