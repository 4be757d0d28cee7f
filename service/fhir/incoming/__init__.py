"""A Bundle of another system to arrivals: what casework can lay beside a case. Rule: hostile until shown otherwise.

Nothing is followed, fetched or run. What stands inside a resource or outside the file is not looked for. Whatever does
not fit is refused by the place at which it stands, and never repeated.
"""
