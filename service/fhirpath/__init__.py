"""FHIRPath of imported forms: found, checked, and evaluated under caps in a child process.

`check.py` says at import what is not supported, `engine.py` is how the rest of the house evaluates. Modules whose name
begins with `child` run only in the child: they are the only ones that know fhirpathpy.
"""
