"""The structured relationship review: what was gathered with its text, and keeping a new version of the text."""

from dataclasses import dataclass

from schemas.actions import Action
from schemas.case_codes import Voice
from service.casework.gate import case_unit, check_version, opened_for
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.relationship import KeptFacts
from service.domain.relationship_review import Gathered, ReviewText, check_text, gathered
from service.domain.standing import readable
from service.store import cases, intakes, relationships, reviews


@dataclass(frozen=True)
class ReviewDesk:
    """A case with what its record holds for a review, the facts as they stand, and the versions of the text."""

    case: Case
    gathered: Gathered
    facts: KeptFacts
    versions: tuple[ReviewText, ...]

    @property
    def now(self) -> ReviewText:
        return self.versions[0] if self.versions else ReviewText()


def read_review(actor: Actor, case_id: str) -> ReviewDesk:
    with case_unit(actor, Action.CASE_READ, case_id) as (unit, row):
        unit.why = "relationship review"
        told = readable(intakes.of_case(case_id), cases.facts(actor, row).relation)
        versions = relationships.of_case(case_id)
        facts = versions[0] if versions else KeptFacts()
        return ReviewDesk(opened_for(actor, row), gathered(told), facts, reviews.of_case(case_id))


def keep_review(actor: Actor, case_id: str, text: str, voice: Voice, *, version: int) -> ReviewText:
    """Keep a new version of the text, seen as `version` (0 before the first). Raises Invalid, Conflict."""
    check_text(text)
    with case_unit(actor, Action.CASE_CHANGE, case_id) as (unit, _row):
        unit.why = "relationship review"
        versions = reviews.of_case(case_id)
        stands = versions[0] if versions else ReviewText()
        check_version(seen=version, stored=stands.version, yours={"text": text}, theirs={"text": stands.text})
        return reviews.add(case_id, stands.version + 1, voice, text, actor.user_id)
