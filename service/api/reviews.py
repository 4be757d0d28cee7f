"""The text of the structured relationship review. It stays in this record: no export and no FHIR resource holds it."""

from schemas.actions import Action
from schemas.reviews import ReviewRecord, ReviewSchema
from service.api.routes import Given, Routes, takes
from service.casework import reviews
from service.domain.relationship_review import ReviewText
from service.guard import current_actor, needs

routes = Routes("Reviews", "What was noticed about the relationship, as described by one person.")


@routes.get("/cases/<id:case_id>/relationship-review", ReviewRecord, many=True)
@needs(Action.CASE_READ)
def list_reviews(case_id: str) -> tuple[ReviewText, ...]:
    """Every version of the text, the newest first."""
    return reviews.read_review(current_actor(), case_id).versions


@routes.put("/cases/<id:case_id>/relationship-review", ReviewRecord)
@needs(Action.CASE_CHANGE)
@takes(ReviewSchema)
def keep_review(given: Given, case_id: str) -> ReviewText:
    """Keep a new version of the text. Nothing writes it but a person."""
    return reviews.keep_review(current_actor(), case_id, given["text"], given["voice"], version=given["version"])
