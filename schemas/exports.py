"""Taking an export away: the digest on the receipt names the contents that were confirmed."""

from schemas.fields import Line
from schemas.payload import Payload


class DownloadSchema(Payload):
    digest = Line(64, needed=True)
