"""The export of a case as one file: a FHIR Bundle and the manifest of what was left out and why."""

import orjson
from flask import Response

from schemas.actions import Action
from schemas.export_codes import PackageForm
from schemas.exports import ExportSchema
from service.api.routes import Given, Routes, takes
from service.casework import packages
from service.domain.disclosures import Departure
from service.fhir import bundle
from service.fhir.bundle import By
from service.guard import current_actor, needs

routes = Routes(
    "Exports", "A case as a FHIR R4 collection Bundle, with a manifest. Asks for a fresh confirmation of identity."
)
FILE_NAME = "record-export.json"


@routes.post("/cases/<id:case_id>/export")
@needs(Action.EXPORT_MAKE)
@takes(ExportSchema)
def export_case(given: Given, case_id: str) -> Response:
    """A collection Bundle under `bundle`, and under `manifest` what is in it and what was left out and why. Say to whom
    it leaves and on what ground: that is kept in the disclosures log before the first byte goes out. It comes in the
    body, because an address is written into logs on its way. With the form `ndjson` the resources come as a text
    under `ndjson`, one a line. With the form `transaction` the Bundle is one that a FHIR server takes in as it is, and
    taken in again makes no copies. The manifest says of each class how much goes, how much stays, and why.
    """
    scope = packages.scope_of(current_actor(), case_id, given)
    made, manifest = bundle.export(current_actor(), case_id, Departure(**given), by=By(scope))
    is_lines = scope.form is PackageForm.NDJSON
    package = {"ndjson": made.decode()} if is_lines else {"bundle": orjson.Fragment(made)}
    answer = Response(orjson.dumps({**package, "manifest": manifest}), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
