"""Search parameters as data: what each is called, where it looks in a resource, and which stored column answers it.

Rule: a parameter works by what stands here and by nothing else; no type has code of its own. Every search but one of
a directory happens inside one case, so what no column tells is read from the opened resources of that case.
"""

from dataclasses import dataclass

ID, PATIENT, CASE_CODE = "id", "patient", "case-code"
DATE, TOKEN, REFERENCE, URI, STRING = "date", "token", "reference", "uri", "string"
NAMES_A_CASE = frozenset({ID, PATIENT, CASE_CODE})
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


@dataclass(frozen=True)
class Parameter:
    """`paths` name elements from the resource down, lists are walked through. `targets` are the types that a
    reference may name. `column` is the stored column that answers a date.
    """

    name: str
    kind: str
    says: str
    paths: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    column: str = ""

    @property
    def type(self) -> str:
        """R4 search parameter type."""
        return {ID: TOKEN, CASE_CODE: TOKEN, PATIENT: REFERENCE}.get(self.kind, self.kind)


def stored_date(name: str, says: str, *paths: str) -> Parameter:
    """The one date of a type that has a column; a period is found by its start."""
    return Parameter(name, DATE, says, paths, column="date")


def dated(name: str, says: str, *paths: str) -> Parameter:
    return Parameter(name, DATE, says, paths)


def token(name: str, says: str, *paths: str) -> Parameter:
    """Without paths the element of the same name."""
    return Parameter(name, TOKEN, says, paths or (name,))


def string(name: str, says: str, *paths: str) -> Parameter:
    return Parameter(name, STRING, says, paths)


def refers(name: str, says: str, paths: tuple[str, ...], *targets: str) -> Parameter:
    return Parameter(name, REFERENCE, says, paths, targets)


def uri(name: str, says: str, *targets: str) -> Parameter:
    """A canonical address, with or without |version; `targets` are the definitions that it may name."""
    return Parameter(name, URI, says, (name,), targets)


STATUS = token("status", "How it stands")
IDENTIFIER = token("identifier", "Identifier, as system|value or value")
CATEGORY = token("category", "Category, as system|code or code")
CODE = token("code", "What it is, as system|code or code")
ENCOUNTER = refers("encounter", "The session", ("encounter",), "Encounter")
SUBJECT = Parameter("subject", PATIENT, "The same as patient", ("subject", "patient", "for"), ("Patient",))

COMMON = (
    Parameter("_id", ID, "Logical ids, separated by commas", ("id",)),
    Parameter("_lastUpdated", DATE, "When this version was made", ("meta.lastUpdated",), column="updated_at"),
    token("_security", "A label of the resource", "meta.security"),
)
OF_CASE = Parameter(
    "patient",
    PATIENT,
    "One patient, as ID or Patient/ID",
    ("subject", "patient", "for", "participant.actor", "entity.what"),
    ("Patient",),
)
