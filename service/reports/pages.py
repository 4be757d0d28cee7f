"""Fills a report template: autoescaped, strict about missing names, and never ill-formed whatever the text holds.

Templates live in `templates/reports/*.xhtml`; each lists its context at its top. No request, no database, no clock.
"""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# XML 1.0 section 2.2 has no place for these, and a pasted control character must not cost a client the report.
_UNPRINTABLE = [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
_PRINTABLE = dict.fromkeys(_UNPRINTABLE, "\N{REPLACEMENT CHARACTER}")


def _printable(value: object) -> object:
    return value.translate(_PRINTABLE) if isinstance(value, str) else value


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_printable,
    trim_blocks=True,
    lstrip_blocks=True,
)


def fill(template: str, context: Mapping[str, object]) -> str:
    """The XHTML of `templates/reports/<template>.xhtml` for this context, ready for `render_pdf`."""
    return _ENVIRONMENT.get_template(f"reports/{template}.xhtml").render(context)
