"""The export of a case as one file: a FHIR Bundle and the manifest of what was left out and why."""

import orjson
from flask import Response

from schemas.actions import Action
from schemas.releases import DepartureSchema
from service.api.routes import Given, Routes, takes
from service.domain.disclosures import Departure
from service.fhir import bundle
from service.guard import current_actor, needs

routes = Routes(
    "Exports", "A case as a FHIR R4 collection Bundle, with a manifest. Asks for a fresh confirmation of identity."
)
FILE_NAME = "record-export.json"


@routes.post("/cases/<id:case_id>/export")
@needs(Action.EXPORT_MAKE)
@takes(DepartureSchema)
def export_case(given: Given, case_id: str) -> Response:
    """A collection Bundle under `bundle`, and under `manifest` what is in it and what was left out and why. Say to whom
    it leaves and on what ground: that is kept in the disclosures log before the first byte goes out. It comes in the
    body, because an address is written into logs on its way.
    """
    made, manifest = bundle.export(current_actor(), case_id, Departure(**given))
    answer = Response(
        orjson.dumps({"bundle": orjson.Fragment(made), "manifest": manifest}), mimetype="application/json"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
