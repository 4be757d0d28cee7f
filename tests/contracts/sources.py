"""The files and functions that contract tests look at. Rule: what git would keep counts; what it ignores does not."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("schemas/", "service/", "benchmarks/")
GENERATED = ("service/store/migrations/",)
TEXT = re.compile(r"\.(py|md|toml|txt|in|lock|json|ya?ml|sh|x?html|css|js)$")
BARE = {"run", "test", "Dockerfile", "Makefile", ".gitignore", ".dockerignore", ".editorconfig"}
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.TryStar, ast.Match)


@dataclass(frozen=True)
class Function:
    """One function of the product: where it is, how long (without its docstring) and how deep it nests."""

    place: str
    node: ast.FunctionDef | ast.AsyncFunctionDef

    @property
    def length(self) -> int:
        docstring = ast.get_docstring(self.node, clean=False)
        words = docstring.count("\n") + 1 if docstring else 0
        return (self.node.end_lineno or self.node.lineno) - self.node.lineno + 1 - words

    @property
    def nesting(self) -> int:
        return max((depth(child) for child in self.node.body), default=0)


def below(node: ast.AST) -> list[ast.AST]:
    """What stands in the bodies of a module, a class, a function or a block: no expressions."""
    bodies = (getattr(node, name, ()) for name in ("body", "handlers", "cases", "orelse", "finalbody"))
    return [each for body in bodies if isinstance(body, list) for each in body]


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """This one, and every statement in it."""
    yield node
    for each in below(node):
        yield from statements(each)


def depth(node: ast.AST) -> int:
    """How many blocks stand inside each other; `elif` is one level, as it is read."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return 0
    inner = max((depth(child) for child in below(node)), default=0)
    if isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        inner = max([0, *(depth(child) for child in node.body), depth(node.orelse[0]) - 1])
    return inner + isinstance(node, BLOCKS)


@cache
def files() -> tuple[str, ...]:
    """Every file of the repository, committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return tuple(name for name in sorted(set(listed.stdout.splitlines())) if (ROOT / name).is_file())


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Path and text of every text file."""
    wanted = (name for name in files() if TEXT.search(name) or name in BARE)
    return tuple((name, (ROOT / name).read_text(encoding="utf-8")) for name in wanted)


def is_product(name: str) -> bool:
    return name.endswith(".py") and name.startswith(ROOMS) and not name.startswith(GENERATED)


@cache
def modules() -> tuple[tuple[str, str, ast.Module], ...]:
    """Path, text and tree of every module of the product, migrations apart."""
    return tuple((name, text, ast.parse(text)) for name, text in texts() if is_product(name))


@cache
def functions() -> tuple[Function, ...]:
    return tuple(
        Function(f"{name}:{node.lineno} {node.name}", node)
        for name, _, tree in modules()
        for node in statements(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def imported(node: ast.AST) -> list[str]:
    """The names of the modules that an import statement brings in."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []
