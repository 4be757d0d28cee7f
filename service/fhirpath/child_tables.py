"""All functions and operators of the child in their tables: who imports `run` from here has the whole language."""

from service.fhirpath import child_comparing, child_functions, child_numbers, child_scores, child_text
from service.fhirpath.child_language import FUNCTIONS, OPERATORS, run

OPERATORS |= child_comparing.TABLE | child_numbers.OPERATOR_TABLE
FUNCTIONS |= child_functions.TABLE | child_numbers.TABLE | child_text.TABLE | child_scores.TABLE

__all__ = ["FUNCTIONS", "run"]
