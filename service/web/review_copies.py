"""A copy of the relationship review's text for the client, after the copy question.

Rule: the text alone, never what the logs hold; no copy is the answer that stands until another is given.
"""

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.safety_plans import CopyQuestionSchema
from schemas.vocabulary import CopyAnswer
from service.casework import reviews
from service.casework.copies import CopyWish
from service.casework.reviews import PAPER
from service.domain.relationship_review import ONE_PERSON
from service.domain.safety import COPY_TITLES, filled
from service.guard import current_actor, needs
from service.reports import render, report, safety_plan
from service.web.files import attachment
from service.web.forms import form_page, read
from service.web.frame import done, show
from service.web.leaks import told_at_the_finds
from service.web.plan_copies import COPY_QUESTION, NO_PDF

page = Blueprint("review_copies", __name__)
ANSWERS = (CopyAnswer.NONE, CopyAnswer.ALOUD, *PAPER)


@page.get("/cases/<case_id>/relationship-review/copy")
@needs(Action.REVIEW_COPY)
def copy(case_id: str) -> Response:
    desk = reviews.read_review(current_actor(), case_id)
    return show(
        "pages/reviews/copy.html",
        task=f"Copy {desk.case.code}",
        case=desk.case,
        question=COPY_QUESTION,
        answers=[(each, each.label) for each in ANSWERS],
        titles=[(each, each) for each in COPY_TITLES],
        lines=filled(desk.now.text),
        leaks=reviews.find_in_review(current_actor(), case_id),
        no_pdf="" if render.available() else NO_PDF,
    )


@page.post("/cases/<case_id>/relationship-review/copy")
@needs(Action.REVIEW_COPY)
@form_page(copy)
def answer_copy(case_id: str) -> Response:
    given = read(CopyQuestionSchema)
    if given["answer"] in (CopyAnswer.NONE, CopyAnswer.ALOUD):
        reviews.make_no_copy(current_actor(), case_id, given["answer"])
        return done(url_for("reviews.review", case_id=case_id), "No copy was made. The answer is kept.")
    with told_at_the_finds():
        wish = CopyWish(**given | {"confirmed": tuple(given["confirmed"])})
        text = reviews.copy_review(current_actor(), case_id, wish).text
    context = {
        "lang": "en",
        "heading": wish.title,
        "notice": ONE_PERSON,
        "sections": (safety_plan.Section("", filled(text)),),
    }
    made = report.pdf(safety_plan.REPORT, context)
    return attachment(made, safety_plan.file_name(wish.title), "application/pdf")
