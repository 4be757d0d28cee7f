"""A FHIR Questionnaire (R4) of any make -> the same `Instrument` value as our own forms, or a refusal that names the
item. https://hl7.org/fhir/R4/questionnaire.html, https://hl7.org/fhir/uv/sdc

Rule: what is read here comes from strangers. Nothing in it is run, followed or fetched; every outcome is a `Reading`,
and what cannot be used is said item by item. The entrance is form.py.
"""
