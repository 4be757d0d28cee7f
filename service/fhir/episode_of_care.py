"""Episode -> EpisodeOfCare. https://hl7.org/fhir/R4/episodeofcare.html

The episode's own status codes are those of the value set, so nothing is translated.
"""

from datetime import UTC, datetime, time

from service.domain.cases import Case, Episode
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import day, identifier, present, reference


def episode_of_care(episode: Episode, case: Case, at: Addresses) -> Made:
    content = present(
        resourceType="EpisodeOfCare",
        id=episode.id,
        identifier=[identifier(at.identifier("episode"), episode.id)],
        status=str(episode.status),
        patient=reference("Patient", case.id),
        managingOrganization=reference("Organization", case.practice_id),
        period=present(
            start=day(episode.started_on),
            end=day(episode.ended_on) if episode.ended_on else None,
        ),
        careManager=reference("Practitioner", case.owner_id),
    )
    return Made(content, episode.updated_at, date=datetime.combine(episode.started_on, time(), UTC))
