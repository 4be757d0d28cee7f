"""Episode -> EpisodeOfCare. https://hl7.org/fhir/R4/episodeofcare.html

Rule: the state and its dates; why an episode moved or ended stays here. Assessment, review and closing are care that
goes on, so they read as active.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

from schemas.case_codes import EpisodeState
from service.domain.cases import Case, Episode
from service.domain.episodes import Move
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import Json, day, identifier, instant, present, reference

STATUS: Mapping[EpisodeState, str] = {
    EpisodeState.ENQUIRY: "planned",
    EpisodeState.REFERRED: "planned",
    EpisodeState.WAITLIST: "waitlist",
    EpisodeState.ASSESSMENT: "active",
    EpisodeState.ACTIVE: "active",
    EpisodeState.ON_HOLD: "onhold",
    EpisodeState.REVIEW: "active",
    EpisodeState.CLOSING: "active",
    EpisodeState.CLOSED: "finished",
    EpisodeState.DECLINED: "cancelled",
    EpisodeState.TRANSFERRED: "finished",
}


def episode_of_care(episode: Episode, case: Case, at: Addresses) -> Made:
    content = present(
        resourceType="EpisodeOfCare",
        id=episode.id,
        identifier=[identifier(at.identifier("episode"), episode.id)],
        status=STATUS[episode.status],
        patient=reference("Patient", case.id),
        managingOrganization=reference("Organization", case.practice_id),
        period=present(
            start=day(episode.started_on),
            end=day(episode.ended_on) if episode.ended_on else None,
        ),
        statusHistory=_history(episode.moves),
        careManager=reference("Practitioner", case.owner_id),
    )
    return Made(content, episode.updated_at, date=datetime.combine(episode.started_on, time(), UTC))


def _history(moves: Sequence[Move]) -> list[Json]:
    """One entry a state that lasted, with its days; the last goes on until the episode's end."""
    found: list[Json] = []
    for number, move in enumerate(moves):
        end = moves[number + 1].at if number + 1 < len(moves) else None
        period = present(start=instant(move.at), end=instant(end) if end else None)
        found.append({"status": STATUS[move.after], "period": period})
    return found
