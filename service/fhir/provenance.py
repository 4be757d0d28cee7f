"""Who made or signed what -> Provenance. https://hl7.org/fhir/R4/provenance.html

One for each signed document, one for each response with its observations, and one for each record behind which no
signature stands. A correction names the response it revises.
"""

from collections.abc import Sequence

from service.domain.cases import Case
from service.domain.intakes import Intake
from service.fhir.document_reference import Document
from service.fhir.draft import Made
from service.fhir.shapes import Json, coding, concept, instant, present, reference

_AGENT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
AUTHOR_SIGNATURE = coding("urn:iso-astm:E1762-95:2013", "1.2.840.10065.1.12.1.1", "Author's Signature")
COSIGNATURE = coding("urn:iso-astm:E1762-95:2013", "1.2.840.10065.1.12.1.5", "Verification Signature")


def of_document(document: Document, case: Case) -> Made:
    """The signature: who signed, when. The document itself carries the hash of its text. What the client said is the
    client's, entered by who kept it; nobody signed it.
    """
    if document.by_client:
        return _of_client(document, case)
    practice_id = case.practice_id
    signature = {
        "type": [AUTHOR_SIGNATURE],
        "when": instant(document.signed_at),
        "who": reference("Practitioner", document.signer_id),
    }
    signer = [] if document.signer_id == document.author_id else [_agent("verifier", document.signer_id, practice_id)]
    cosigner = [_agent("attester", document.cosigner_id, practice_id)] if document.cosigner_id else []
    content = present(
        resourceType="Provenance",
        id=document.id,
        target=[reference("DocumentReference", document.id)],
        recorded=instant(document.signed_at),
        activity=concept(coding(_OPERATION, "CREATE", "create")),
        agent=[_agent("author", document.author_id, practice_id), *signer, *cosigner],
        signature=[signature, *_cosignature(document)],
    )
    return Made(content, document.cosigned_at or document.signed_at, date=document.signed_at)


def _of_client(document: Document, case: Case) -> Made:
    content = present(
        resourceType="Provenance",
        id=document.id,
        target=[reference("DocumentReference", document.id)],
        recorded=instant(document.signed_at),
        activity=concept(coding(_OPERATION, "CREATE", "create")),
        agent=[
            {"type": concept(coding(_AGENT, "author")), "who": reference("Patient", case.id)},
            _agent("enterer", document.author_id, case.practice_id),
        ],
    )
    return Made(content, document.signed_at, date=document.signed_at)


def of_authors(record_id: str, made: Sequence[Made], author_ids: Sequence[str], practice_id: str) -> Made:
    """The source of what no signature and no response stands behind: who wrote it down, and when. It forgets with what
    it speaks of: else its versions told when that was changed.
    """
    changed_at = max(each.updated_at for each in made)
    content = present(
        resourceType="Provenance",
        id=record_id,
        target=[reference(each.type, each.id) for each in made],
        recorded=instant(changed_at),
        agent=[_agent("author", each, practice_id) for each in author_ids],
    )
    return Made(content, changed_at, date=changed_at, forgets=any(each.forgets for each in made))


def _cosignature(document: Document) -> list[Json]:
    if document.cosigned_at is None:
        return []
    who = reference("Practitioner", document.cosigner_id)
    return [{"type": [COSIGNATURE], "when": instant(document.cosigned_at), "who": who}]


def of_response(intake: Intake, practice_id: str, targets: list[Json], *, author: Json) -> Made:
    """`author` as the response names it: a clinician, or the connected system that sent it."""
    revised = {"role": "revision", "what": reference("QuestionnaireResponse", intake.amends or "")}
    content = present(
        resourceType="Provenance",
        id=intake.id,
        target=targets,
        recorded=instant(intake.updated_at),
        activity=concept(
            coding(_OPERATION, "UPDATE", "revise") if intake.amends else coding(_OPERATION, "CREATE", "create")
        ),
        agent=[{**_agent("author", intake.author_id, practice_id), "who": author}],
        entity=[revised] if intake.amends else None,
    )
    return Made(content, intake.updated_at, date=intake.updated_at)


def _agent(kind: str, account_id: str, practice_id: str) -> Json:
    return {
        "type": concept(coding(_AGENT, kind)),
        "who": reference("Practitioner", account_id),
        "onBehalfOf": reference("Organization", practice_id),
    }
