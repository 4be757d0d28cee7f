"""The versions of a plan: what each changed, and any two of them side by side.

Rule: a change is told in words and by mark, never by colour alone; every version stays readable.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Blueprint, request
from flask.wrappers import Response

from schemas.actions import Action
from service.domain.plan_changes import PartChange, differences
from service.domain.safety import Plan
from service.guard import needs
from service.web.plan_page import plan_page, read_plan
from service.web.word_changes import Piece, told, word_changes

page = Blueprint("plan_versions", __name__)
Changed = tuple[tuple[PartChange, str, tuple[Piece, ...]], ...]


@dataclass(frozen=True)
class Change:
    """What one version changed against the one before: (part, in words, pieces)."""

    plan: Plan
    parts: Changed


@page.get("/plans/<plan_id>/versions")
@needs(Action.PLAN_READ)
def versions(plan_id: str) -> Response:
    found, record = read_plan(plan_id)
    every = [each for each in record.plans if each.plan_id == found.plan_id]
    return plan_page("versions", found, record, changes=_changes(every))


@page.get("/plans/<plan_id>/compare")
@needs(Action.PLAN_READ)
def compare(plan_id: str) -> Response:
    """This version beside the one whose number stands in the address, else beside the one before it."""
    found, record = read_plan(plan_id)
    others = [each for each in record.plans if each.plan_id == found.plan_id and each.id != found.id]
    wanted = request.args.get("with", found.number - 1, type=int)
    other = next((each for each in others if each.number == wanted), None)
    older, newer = sorted((found, other or found), key=lambda each: each.number)
    changed = [(each, _in_words(each)) for each in differences(older, newer)]
    return plan_page("compare", found, record, others=others, other=other, newer=newer, changed=changed)


def _changes(newest_first: Sequence[Plan]) -> list[Change]:
    befores = [*newest_first[1:], None]
    return [Change(plan, _changed(before, plan)) for plan, before in zip(newest_first, befores, strict=True)]


def _changed(before: Plan | None, after: Plan) -> Changed:
    return in_pieces(differences(before, after)) if before else ()


def in_pieces(changes: Iterable[PartChange]) -> Changed:
    """Each change with how much it is, in words, and its pieces."""
    return tuple((each, _in_words(each), word_changes(each.before.text, each.after.text)) for each in changes)


def _in_words(change: PartChange) -> str:
    text = told(change.before.text, change.after.text) if change.before.text != change.after.text else ""
    return ". ".join(filter(None, (text, change.tick)))
