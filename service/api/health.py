"""Is it alive, is it ready: for whatever watches the process. Counts only, never a record."""

from flask import Blueprint, Flask, jsonify
from flask.wrappers import Response

from service.guard import public
from service.store import condition

page = Blueprint("health", __name__)


@page.get("/healthz")
@public("says only that the process answers")
def alive() -> Response:
    return jsonify(status="ok")


@page.get("/readyz")
@public("counts of waiting work for whatever watches the service")
def ready() -> Response:
    """503 until the database answers with the schema of this version; `late` warns of work that piles up."""
    found = condition.look()
    response = jsonify(
        status="ok" if found.ready else "not ready",
        database=found.answers,
        schema=found.schema,
        waiting=found.waiting,
        oldest_seconds=found.oldest_seconds,
        late=found.late,
    )
    response.status_code = 200 if found.ready else 503
    return response


def register(app: Flask) -> None:
    app.register_blueprint(page)
