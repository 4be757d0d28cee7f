"""Closed lists of export packages: for whom one is made, and in which form it is taken away.

One member = one code and one label, like schemas/vocabulary.py.
"""

from schemas.vocabulary import Coded


class Audience(Coded):
    """For whom a package is made; each gets no more than its classes, whatever is ticked."""

    CLINICIAN = "clinician", "Another clinician or service"
    CLIENT = "client", "The client"
    INSURER = "insurer", "An insurer"
    COURT = "court", "A court or authority"


class PackageForm(Coded):
    """How it is written."""

    BUNDLE = "bundle", "One FHIR Bundle"
    NDJSON = "ndjson", "One resource a line (NDJSON)"
    TRANSACTION = "transaction", "One transaction for a FHIR server"
