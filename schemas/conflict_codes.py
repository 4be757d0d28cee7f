"""Closed lists of the conflict check: as whom a case names a person, and what came of a match.

One member = one code and one label, like schemas/vocabulary.py.
"""

from schemas.vocabulary import Coded


class NamedAs(Coded):
    """As whom a case names a person."""

    CLIENT = "client", "the client"
    OTHER = "other", "the other person"


class ConflictAnswer(Coded):
    """What a supervisor found on looking into a match."""

    NAMESAKE = "namesake", "Somebody else of the same name"
    ARRANGED = "arranged", "The same person, and arrangements are made"
