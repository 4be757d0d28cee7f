"""Closed lists of taking data over from another system.

One member = one code and one label, like schemas/vocabulary.py.
"""

from schemas.vocabulary import Coded


class OutsideType(Coded):
    """What can be taken over. Labels say what it becomes here."""

    PATIENT = "Patient", "Details of the client"
    CONTACT = "Patient.contact", "Contact person who could see it there"
    RELATED = "RelatedPerson", "Relative or carer who could see it there"
    COVERAGE = "Coverage", "Who holds the insurance"
    PRACTITIONER = "Practitioner", "Clinician elsewhere"
    APPOINTMENT = "Appointment", "Planned session"
    RESPONSE = "QuestionnaireResponse", "Filled-in form"
    ELSE = "else", "Something else"


class Meeting(Coded):
    """How what arrives stands to what is here."""

    NEW = "new", "New"
    SAME = "same", "Here already"
    DIFFERS = "differs", "Differs from what is here"
    REFUSED = "refused", "Cannot be taken over"
