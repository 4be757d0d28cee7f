"""Closed lists of who could see a record elsewhere, and of where a record would be put.

One member = one code and one label, like schemas/vocabulary.py.
"""

from schemas.vocabulary import Coded


class ProxyKind(Coded):
    """As what somebody stands in another system."""

    CONTACT = "contact", "Contact person"
    RELATED = "related", "Relative or carer"
    SUBSCRIBER = "subscriber", "Holds the insurance"
    PORTAL = "portal", "May look into the portal account"


class MatchedBy(Coded):
    """What two descriptions of a person have in common."""

    NAME = "name", "the name"
    NUMBER = "number", "a telephone number"
    EMAIL = "email", "an e-mail address"
    ADDRESS = "address", "the address"


class Chart(Coded):
    """In whose chart it ends up where it is received."""

    OWN = "own", "The client's own chart there"
    NONE = "none", "In no chart: it goes to a person or into a file"
    OTHER = "other", "Somebody else's chart, such as a child's"
