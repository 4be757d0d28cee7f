"""OperationOutcome: the one shape of every refusal of the FHIR edge. https://hl7.org/fhir/R4/operationoutcome.html

Rule: words for the asker, no content, no reference number in the body, so that a hidden record and a missing one
answer with equal bytes.
"""

from service.fhir.shapes import to_bytes


def outcome(code: str, text: str, *, severity: str = "error", expression: str = "") -> bytes:
    """`code` is of issue-type (not-found, login, forbidden, invalid ...); `expression` names the parameter or
    element.
    """
    issue: dict[str, object] = {"severity": severity, "code": code, "diagnostics": text}
    if expression:
        issue["expression"] = [expression]
    return to_bytes({"resourceType": "OperationOutcome", "issue": [issue]})
