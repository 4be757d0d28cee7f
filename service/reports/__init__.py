"""Records to PDF. Rule: a report collects, names its title and its template, and leaves the rest to render.py."""
