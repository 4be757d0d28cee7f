"""The text of the structured relationship review. It stays in this record: no export and no FHIR resource holds it."""

from schemas.actions import Action
from schemas.reviews import ReviewRecord, ReviewSchema
from schemas.safety_plans import CopySchema
from service.api.routes import Given, Routes, takes
from service.casework import reviews
from service.casework.copies import CopyWish
from service.domain.relationship_review import ReviewText
from service.guard import current_actor, needs

routes = Routes("Reviews", "What was noticed about the relationship, as described by one person.")


@routes.get("/cases/<id:case_id>/relationship-review", ReviewRecord, many=True)
@needs(Action.CASE_READ)
def list_reviews(case_id: str) -> tuple[ReviewText, ...]:
    """Every version of the text, the newest first."""
    return reviews.read_review(current_actor(), case_id).versions


@routes.post("/cases/<id:case_id>/relationship-review/copy", ReviewRecord)
@needs(Action.REVIEW_COPY)
@takes(CopySchema)
def copy_review(given: Given, case_id: str) -> ReviewText:
    """The text for the client's own copy, once it was asked where the copy will be kept."""
    return reviews.copy_review(current_actor(), case_id, CopyWish(**given))


@routes.put("/cases/<id:case_id>/relationship-review", ReviewRecord)
@needs(Action.CASE_CHANGE)
@takes(ReviewSchema)
def keep_review(given: Given, case_id: str) -> ReviewText:
    """Keep a new version of the text. Nothing writes it but a person."""
    return reviews.keep_review(current_actor(), case_id, given["text"], given["voice"], version=given["version"])
