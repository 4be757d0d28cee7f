"""No word of the product reassures, scores danger, names a person or promises (domain.md 2.5 point 4, and section 8).

Scanned: every text in the Python of the product but its docstrings (messages, labels, prompts, instruments, SQL even),
every template of pages and paper, the script of the pages and the document of the API. What clients or clinicians type
is theirs.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.contracts.sources import ROOT, modules, texts

REASSURING = (
    r"safe\b(?! to hold)|unsafe\b|(?:low|high|no|minimal)[- ]risk\b|risk[- ](?:level|score|free)"
    r"|no (?:concerns?|danger)\b"
    r"|cleared\b|all[- ]clear|out of danger|nothing to worry|don't worry|do not worry|harmless"
    r"|looks? (?:fine|good)\b"
)
NAMING = r"addict\w*|victim\w*|abuser\w*|perpetrator\w*|narciss\w*|toxic\w*|codepend\w*"
JUDGING = r"alleg(?:es|ed|edly|ations?)\b|non-?complian\w*|denies abuse|failed to leave|refuses to leave"
PROMISING = (
    r"evidence-based|(?:clinically )?proven\b|rewir\w*|superpower\w*|streaks?\b|percent healed|hijack\w*|"
    r"brain chem\w*|not real love|never real"
)
FORBIDDEN = re.compile(rf"\b(?:{REASSURING}|{NAMING}|{JUDGING}|{PROMISING})", re.I)
SAID_BY_JINJA = re.compile(r"\|\s*safe\b|\{#.*?#\}", re.S)
SAID_BY_SCRIPT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def messages(tree: ast.Module) -> Iterator[str]:
    """Every string of a module that is not a docstring, the pieces of f-strings included."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = (node.body for node in ast.walk(tree) if isinstance(node, documented))
    docs = {id(words) for body in bodies if (words := _first_words(body)) is not None}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def _first_words(body: list[ast.stmt]) -> ast.Constant | None:
    first = body[0].value if body and isinstance(body[0], ast.Expr) else None
    return first if isinstance(first, ast.Constant) else None


def words_of(name: str, text: str) -> list[str]:
    """What a file says to people."""
    if name.endswith(".py"):
        return list(messages(ast.parse(text)))
    plain = SAID_BY_JINJA.sub(" ", text) if name.startswith("templates/") else SAID_BY_SCRIPT.sub(" ", text)
    return plain.splitlines()


def broken(name: str, text: str) -> list[str]:
    return [words for words in words_of(name, text) if FORBIDDEN.search(words)]


def shown() -> Iterator[tuple[str, str]]:
    yield from ((name, text) for name, text, _ in modules() if name.startswith(("service/", "schemas/")))
    for name, text in texts():
        if name.startswith("templates/") or (name.startswith("service/web/static/") and name.endswith(".js")):
            yield name, text
    yield "tests/golden/openapi.json", (ROOT / "tests/golden/openapi.json").read_text(encoding="utf-8")


def test_no_word_of_the_product_reassures_names_or_promises() -> None:
    found = {name: broken(name, text) for name, text in shown()}
    assert len(found) > 200
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "The client is safe",
        "Safe to go home",
        "Feeling unsafe",
        "Low risk",
        "low-risk answer",
        "No concern",
        "no concerns today",
        "Cleared",
        "All clear",
        "Risk level: 2",
        "no danger found",
        "Looks fine",
        "an addiction",
        "the victim",
        "her abuser",
        "a toxic bond",
        "claims alleged by the client",
        "Evidence-based steps",
        "a 5 day streak",
    ],
)
def test_a_planted_word_is_caught_wherever_it_stands(planted: str) -> None:
    in_python = f'"""Job."""\n\n\ndef show() -> str:\n    """Say it."""\n    return f"{{1}} {planted}"\n'
    assert broken("service/web/planted.py", in_python)
    assert broken("templates/pages/planted.html", "{{ badge(" + f'"{planted}", "quiet"' + ") }}")
    assert broken("service/web/static/planted.js", f"say('{planted}'); // fine")
    assert broken("tests/golden/openapi.json", f'{{"summary": "{planted}"}}')


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("service/web/plain.py", '"""Nobody is called safe here."""\n\nWORDS = "Is any copy safe to hold?"\n'),
        ("templates/parts/plain.html", "{#- Never safe. -#}{{ picture.svg|safe }}"),
        ("service/web/static/plain.js", "// a safe comment\nsay('Saved');"),
        ("service/domain/plain.py", "WORDS = 'Nothing disclosed when asked on {day}; private: {private}'\n"),
    ],
)
def test_what_is_no_claim_passes(name: str, text: str) -> None:
    assert broken(name, text) == []
