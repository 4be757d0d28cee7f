"""What a mapper gives back: a resource without its version, and the columns that searches look at."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from service.fhir.labels import labels_for
from service.fhir.shapes import Json, instant, to_bytes


@dataclass(frozen=True)
class Made:
    """`content` has no `meta` yet. `only_if_stored` is a withdrawal: it matters only to those who could have read
    the resource. `forgets`: older versions hold what must not be read any more, and go. `confidentiality` differs from
    that of the type where the resource holds less than others of it.
    """

    content: Json
    updated_at: datetime
    date: datetime | None = None
    code: str = ""
    only_if_stored: bool = False
    forgets: bool = False
    confidentiality: str = ""

    @property
    def type(self) -> str:
        return str(self.content["resourceType"])

    @property
    def id(self) -> str:
        return str(self.content["id"])

    def changed(self, at: datetime) -> Self:
        """The same, as of a later change that was made elsewhere."""
        return replace(self, updated_at=at)

    def resource(self, version: int, updated_at: datetime | None = None) -> Json:
        """The whole resource as version `version`, labelled."""
        meta = {
            "versionId": str(version),
            "lastUpdated": instant(updated_at or self.updated_at),
            "security": labels_for(self.type, self.confidentiality),
        }
        return {"resourceType": self.type, "id": self.id, "meta": meta, **self.content}

    def body(self, version: int, updated_at: datetime | None = None) -> bytes:
        return to_bytes(self.resource(version, updated_at))
