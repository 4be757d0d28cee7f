"""Export packages: for whom, which classes, in which form; and taking one away, where the digest on the receipt names
the contents that were confirmed.
"""

from schemas.export_codes import Audience, PackageForm
from schemas.fields import CodedField, Ident, Line, LocalDate, Several
from schemas.payload import Payload
from schemas.release_codes import ContentClass
from schemas.releases import DepartureSchema


class ScopeSchema(Payload):
    """`classes` empty means all that the audience gets; what is ticked can only narrow, and so does the release that
    `by_release` names. Sessions, notes and what was filled in go from `since` to `until` alone, both included.
    """

    audience = CodedField(Audience, load_default=Audience.CLINICIAN)
    classes = Several(CodedField(ContentClass), load_default=list)
    form = CodedField(PackageForm, load_default=PackageForm.BUNDLE)
    by_release = Ident(allow_none=True, load_default=None)
    since = LocalDate(allow_none=True, load_default=None)
    until = LocalDate(allow_none=True, load_default=None)


class ExportSchema(ScopeSchema, DepartureSchema):
    """A package, and to whom it leaves on what ground."""


class ContentsSchema(ScopeSchema):
    digest = Line(64, needed=True)
    release_id = Ident(allow_none=True, load_default=None)
    request_id = Ident(allow_none=True, load_default=None)


class DownloadSchema(ExportSchema):
    digest = Line(64, needed=True)
