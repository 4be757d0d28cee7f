"""The structured relationship review: what was gathered with its text, and keeping a new version of the text."""

import hashlib
from dataclasses import dataclass

from schemas.actions import Action
from schemas.case_codes import Voice
from schemas.release_codes import ContentClass, Door
from schemas.vocabulary import CopyAnswer
from service.casework.copies import CopyWish, check_wish
from service.casework.disclosures import disclose
from service.casework.gate import case_unit, check_version, opened_for
from service.casework.leaks import guard_of, is_closed, let_pass
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.disclosures import Left, to_the_client
from service.domain.leaks import Leak, Passage
from service.domain.relationship import KeptFacts
from service.domain.relationship_review import Gathered, ReviewText, check_text, gathered
from service.domain.standing import readable
from service.errors import Invalid
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


def find_in_review(actor: Actor, case_id: str) -> tuple[Leak, ...]:
    """What the leak guard finds in the text as it stands."""
    with case_unit(actor, Action.REVIEW_COPY, case_id) as (_unit, row):
        return guard_of(row).leaks(_passages(_now(case_id)))


def copy_review(actor: Actor, case_id: str, wish: CopyWish) -> ReviewText:
    """The text for the client's own copy, after the copy question was asked. Raises Invalid for what is missing and
    for each find of the leak guard that stands in the way.
    """
    check_wish(wish, PAPER)
    with case_unit(actor, Action.REVIEW_COPY, case_id) as (unit, row):
        now = _now(case_id)
        if not now.version:
            raise Invalid("Nothing is written down yet, so there is nothing to copy.")
        let_pass(unit, guard_of(row).leaks(_passages(now)), wish.confirmed, closed=is_closed(row))
        digest = hashlib.sha256(f"{wish.title}\n{now.text}".encode()).hexdigest()
        left = Left(Door.REVIEW_COPY, (ContentClass.SUMMARY,), (f"Relationship review, version {now.version}",), digest)
        disclose(unit, row, left, to_the_client())
        return now


def make_no_copy(actor: Actor, case_id: str, answer: CopyAnswer) -> None:
    """Keep the answer to the copy question where no copy is made."""
    with case_unit(actor, Action.REVIEW_COPY, case_id) as (unit, _row):
        unit.why = f"no copy made: {answer}"


PAPER = (CopyAnswer.COPY,)


def _now(case_id: str) -> ReviewText:
    return next(iter(reviews.of_case(case_id)), ReviewText())


def _passages(now: ReviewText) -> tuple[Passage, ...]:
    return (Passage("text", "The text", now.text),)


def keep_review(actor: Actor, case_id: str, text: str, voice: Voice, *, version: int) -> ReviewText:
    """Keep a new version of the text, seen as `version` (0 before the first). Raises Invalid, Conflict."""
    check_text(text)
    with case_unit(actor, Action.CASE_CHANGE, case_id) as (unit, _row):
        unit.why = "relationship review"
        versions = reviews.of_case(case_id)
        stands = versions[0] if versions else ReviewText()
        check_version(seen=version, stored=stands.version, yours={"text": text}, theirs={"text": stands.text})
        return reviews.add(case_id, stands.version + 1, voice, text, actor.user_id)
