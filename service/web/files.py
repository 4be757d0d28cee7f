"""Files that are taken away. Rule: neutral names, nothing kept by the browser, and never shown inside a page."""

from flask.wrappers import Response


def attachment(body: bytes, file_name: str, mimetype: str) -> Response:
    """`body` to be saved under `file_name`, which holds no name, code or date of anybody."""
    response = Response(body, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
