"""A QR picture as one path, drawn into the page by its template. Rule: no picture file and no address of one.

segno is loaded with the first picture: it brings an XML writer and an HTTP client along, and pictures are rare.
"""

import importlib
from dataclasses import dataclass

BORDER = 4


@dataclass(frozen=True)
class Picture:
    """`path` draws dark modules as squares of one unit on a field of `size` by `size` units."""

    size: int
    path: str


def picture(text: str) -> Picture:
    code = importlib.import_module("segno").make_qr(text, error="m")
    rows = [bytes(row) for row in code.matrix_iter(border=BORDER)]
    squares = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return Picture(len(rows), "".join(squares))
