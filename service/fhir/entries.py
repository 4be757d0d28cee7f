"""A resource on its way into a Bundle or a package, as the bytes that were stored."""

from dataclasses import dataclass

from schemas.release_codes import ContentClass


@dataclass(frozen=True)
class Entry:
    """A resource on its way into a Bundle. `content` is its class where that is not the one of its type, `what` what it
    is in people's words where those of its type do not fit.
    """

    type: str
    id: str
    body: bytes
    mode: str = "match"
    content: ContentClass | None = None
    what: str = ""
