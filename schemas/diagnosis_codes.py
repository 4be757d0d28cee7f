"""Closed lists of a diagnosis: the codes that are offered, how it stands, and which codes tell why somebody is here.

Codes are ICD-10-CM as far as they were verified; the labels are ours. Whoever did the harm has no code here: codes of
theirs (Y07) are offered nowhere and refused where one is typed.
"""

from schemas.vocabulary import Coded


class DiagnosisCode(Coded):
    """What a clinician can choose. Anything else is written down in words."""

    PTSD = "F43.10", "Post-traumatic stress disorder, unspecified"
    PTSD_ACUTE = "F43.11", "Post-traumatic stress disorder, acute"
    PTSD_CHRONIC = "F43.12", "Post-traumatic stress disorder, chronic"
    ADJUSTMENT = "F43.20", "Adjustment disorder, unspecified"
    ADJUSTMENT_LOW = "F43.21", "Adjustment disorder with depressed mood"
    ADJUSTMENT_ANXIOUS = "F43.22", "Adjustment disorder with anxiety"
    ADJUSTMENT_MIXED = "F43.23", "Adjustment disorder with mixed anxiety and depressed mood"
    ADJUSTMENT_CONDUCT = "F43.24", "Adjustment disorder with disturbance of conduct"
    ADJUSTMENT_BOTH = "F43.25", "Adjustment disorder with mixed disturbance of emotions and conduct"
    GRIEF = "F43.81", "Prolonged grief disorder"
    DEPRESSION = "F32.A", "Depression, unspecified"
    ANXIETY = "F41.1", "Generalized anxiety disorder"
    INSOMNIA_ADJUSTMENT = "F51.02", "Adjustment insomnia"
    INSOMNIA_OTHER = "F51.05", "Insomnia due to another mental disorder"
    SERVICES = "Z69.11", "Mental health services after spousal or partner abuse"
    PAST_PHYSICAL = "Z91.410", "Personal history of adult physical and sexual abuse"
    PAST_PSYCHOLOGICAL = "Z91.411", "Personal history of adult psychological abuse"
    PAST_FINANCIAL = "Z91.413", "Personal history of adult financial abuse"
    PAST_PARTNER = "Z91.414", "Personal history of adult intimate partner abuse"
    RELATIONSHIP = "Z63.0", "Problems in relationship with spouse or partner"
    SEPARATION = "Z63.5", "Disruption of family by separation and divorce"
    LEGAL = "Z65.3", "Problems related to other legal circumstances"
    PHYSICAL_FIRST = "T74.11XA", "Adult physical abuse, confirmed, initial encounter"
    PHYSICAL_LATER = "T74.11XD", "Adult physical abuse, confirmed, subsequent encounter"
    PHYSICAL_AFTER = "T74.11XS", "Adult physical abuse, confirmed, sequela"
    SEXUAL_FIRST = "T74.21XA", "Adult sexual abuse, confirmed, initial encounter"
    SEXUAL_LATER = "T74.21XD", "Adult sexual abuse, confirmed, subsequent encounter"
    SEXUAL_AFTER = "T74.21XS", "Adult sexual abuse, confirmed, sequela"
    PSYCHOLOGICAL_FIRST = "T74.31XA", "Adult psychological abuse, confirmed, initial encounter"
    PSYCHOLOGICAL_LATER = "T74.31XD", "Adult psychological abuse, confirmed, subsequent encounter"
    PSYCHOLOGICAL_AFTER = "T74.31XS", "Adult psychological abuse, confirmed, sequela"
    FINANCIAL_FIRST = "T74.A1XA", "Adult financial abuse, confirmed, initial encounter"
    FINANCIAL_LATER = "T74.A1XD", "Adult financial abuse, confirmed, subsequent encounter"
    FINANCIAL_AFTER = "T74.A1XS", "Adult financial abuse, confirmed, sequela"


# What names a complaint and not its cause. Every other code tells somebody who reads a claim, a portal or a print why
# the client is here or what they prepare; a code that is added to the list tells until it is named here.
SAYS_NO_CAUSE = frozenset(
    {
        DiagnosisCode.PTSD,
        DiagnosisCode.PTSD_ACUTE,
        DiagnosisCode.PTSD_CHRONIC,
        DiagnosisCode.ADJUSTMENT,
        DiagnosisCode.ADJUSTMENT_LOW,
        DiagnosisCode.ADJUSTMENT_ANXIOUS,
        DiagnosisCode.ADJUSTMENT_MIXED,
        DiagnosisCode.ADJUSTMENT_CONDUCT,
        DiagnosisCode.ADJUSTMENT_BOTH,
        DiagnosisCode.GRIEF,
        DiagnosisCode.DEPRESSION,
        DiagnosisCode.ANXIETY,
        DiagnosisCode.INSOMNIA_ADJUSTMENT,
        DiagnosisCode.INSOMNIA_OTHER,
    }
)
TELLS_CAUSE = frozenset(DiagnosisCode) - SAYS_NO_CAUSE
# Confirmed abuse (T74) stands on a claim wherever it is billed.
ON_CLAIMS = frozenset(each for each in DiagnosisCode if each.startswith("T74"))


class DiagnosisCategory(Coded):
    """Where it belongs; the codes are those of FHIR R4."""

    PROBLEM = "problem-list-item", "On the list of problems"
    ENCOUNTER = "encounter-diagnosis", "For one session"


class ClinicalStatus(Coded):
    """How it goes; the codes are those of FHIR R4."""

    ACTIVE = "active", "Present"
    RECURRENCE = "recurrence", "Present again after it was gone"
    RELAPSE = "relapse", "Present again after it had eased"
    INACTIVE = "inactive", "Not present now"
    REMISSION = "remission", "Eased"
    RESOLVED = "resolved", "Gone"


class Verification(Coded):
    """How sure the clinician is; the codes are those of FHIR R4."""

    UNCONFIRMED = "unconfirmed", "Not confirmed yet"
    PROVISIONAL = "provisional", "Working diagnosis"
    DIFFERENTIAL = "differential", "One of several that are possible"
    CONFIRMED = "confirmed", "Confirmed"
    REFUTED = "refuted", "Ruled out"


class DiagnosisStep(Coded):
    """What one version of a diagnosis did."""

    MADE = "made", "Made"
    CHANGED = "changed", "Changed"
    WRONG = "wrong", "Entered in error"
