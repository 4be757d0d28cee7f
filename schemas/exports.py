"""Taking an export away: the digest on the receipt names the contents that were confirmed."""

from schemas.fields import Line
from schemas.payload import Payload
from schemas.releases import DepartureSchema


class ContentsSchema(Payload):
    digest = Line(64, needed=True)


class DownloadSchema(DepartureSchema):
    digest = Line(64, needed=True)
