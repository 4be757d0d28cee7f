"""How the items of an instrument are named and typed in FHIR: shared by the form and by its responses.

Every item of a section stands flat in the group of that section, a follow-up too, because an answer to a follow-up
must survive where the item it follows was skipped. Beside each item stands a companion that holds the reason why
there is no answer.
"""

from schemas.instruments.definition import Domain, Instrument
from schemas.instruments.kinds import Option
from service.fhir.addresses import Addresses
from service.fhir.shapes import Json, coding

TOTAL = "total"
TOTAL_TEXT = "Total"
WHY_EMPTY = "If there is no answer, why"


def companion(item_key: str) -> str:
    """The linkId of the item that says why `item_key` has no answer."""
    return f"{item_key}-skipped"


def subtotal(domain_key: str) -> str:
    return f"{domain_key}-subtotal"


def subtotal_text(domain: Domain) -> str:
    return f"{domain.title}: sum"


def version_name(instrument: Instrument) -> str:
    """The id of a Questionnaire: key and version, so that every used version stays readable."""
    return f"{instrument.key}-{instrument.version}"


def canonical(instrument: Instrument, at: Addresses) -> str:
    """url|version, as a response names its questionnaire; an imported form goes by the names that it brought."""
    origin = instrument.origin
    if origin is not None and origin.url:
        return f"{origin.url}|{origin.version}" if origin.version else origin.url
    return f"{at.questionnaire(instrument.key)}|{instrument.version}"


def option_coding(instrument: Instrument, item_key: str, option: Option, at: Addresses) -> Json:
    """Option codes mean something within their item only, so each item has its own system."""
    return coding(at.system(f"{instrument.key}-{item_key}"), option.code, option.label)


def score_code(instrument: Instrument, part: str, text: str, at: Addresses) -> Json:
    """The code of a domain's sum or of the total, as the Questionnaire declares it and the Observation carries it."""
    return coding(at.system("score"), f"{instrument.key}-{part}", text)


def reason_system(at: Addresses) -> str:
    return at.system("non-answer")
