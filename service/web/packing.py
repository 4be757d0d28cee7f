"""A file that travels inside a form between two steps, so that nothing is stored before somebody has chosen."""

import base64
import binascii
import zlib

from service.errors import Invalid
from service.fhir.importing.source import LARGEST

LARGEST_PACKED = 1_800_000


def packed(data: bytes) -> str:
    """Small enough for a form control, or "" for what does not shrink."""
    found = base64.urlsafe_b64encode(zlib.compress(data, 9)).decode()
    return found if len(found) <= LARGEST_PACKED else ""


def unpacked(text: str) -> bytes:
    """Raises Invalid. What would unpack to more than a file may be is cut there, and refused when it is read."""
    try:
        return zlib.decompressobj().decompress(base64.urlsafe_b64decode(text.encode()), LARGEST + 1)
    except (zlib.error, binascii.Error, ValueError) as error:
        raise Invalid("The file got lost on its way.", {"file": "Choose the file once more."}) from error
