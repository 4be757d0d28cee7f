"""Taking an export away: the digest on the receipt names the contents that were confirmed."""

from schemas.fields import Ident, Line
from schemas.payload import Payload
from schemas.releases import DepartureSchema


class ContentsSchema(Payload):
    digest = Line(64, needed=True)
    release_id = Ident(allow_none=True, load_default=None)


class DownloadSchema(DepartureSchema):
    digest = Line(64, needed=True)
