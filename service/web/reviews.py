"""The structured relationship review: what the logs hold, in time order, and a text written together.

Rule: the page gathers and asks; it concludes nothing, writes nothing by itself, and hands out nothing before
the copy question.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.case_codes import Voice
from schemas.reviews import ReviewSchema
from service.casework import reviews
from service.domain.relationship_review import ONE_PERSON
from service.guard import current_actor, needs
from service.web.cases import labels, may
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("reviews", __name__)


@page.get("/cases/<case_id>/relationship-review")
@needs(Action.CASE_READ)
def review(case_id: str) -> Response:
    desk = reviews.read_review(current_actor(), case_id)
    return show(
        "pages/reviews/review.html",
        task=f"Relationship review {desk.case.code}",
        case=desk.case,
        may=may(desk.case),
        desk=desk,
        one_person=ONE_PERSON,
        voices=labels(Voice),
        may_copy=Action.REVIEW_COPY in desk.case.may,
    )


@page.post("/cases/<case_id>/relationship-review")
@needs(Action.CASE_CHANGE)
@form_page(review)
def keep(case_id: str) -> Response:
    given = read(ReviewSchema)
    reviews.keep_review(current_actor(), case_id, given["text"], given["voice"], version=given["version"])
    return done(url_for("reviews.review", case_id=case_id), "The text is kept.")
