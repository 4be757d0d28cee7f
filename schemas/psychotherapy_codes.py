"""Closed lists of the psychotherapy notes: kinds of fact that belong in the progress note (45 CFR 164.501)."""

from schemas.vocabulary import Coded

NOTE_LONGEST = 20_000


class ProgressFact(Coded):
    """A kind of fact that a psychotherapy note must not be the place for."""

    TIMES = "times", "times of a session"
    KIND = "kind", "kind of treatment"
    FREQUENCY = "frequency", "how often you meet"
    TEST = "test", "a result of a form or test"
    MEDICATION = "medication", "medication"
    DIAGNOSIS = "diagnosis", "a diagnosis"
    FUNCTION = "function", "how daily life goes"
    PLAN = "plan", "the plan"
    SYMPTOMS = "symptoms", "symptoms"
    PROGNOSIS = "prognosis", "a prognosis"
    PROGRESS = "progress", "progress"
    DANGER = "danger", "something to respond to"
