"""The arrows between rooms and the size of what stands in them, by machine. docs/rooms.md says them in words."""

from __future__ import annotations

import ast
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.conftest import UNPUBLISHED
from tests.contracts.sources import ROOT, Function, files, functions, imported, modules, statements, texts

LINT = Path(sys.executable).with_name("lint-imports")

# module -> why it may load another module by name, which import contracts cannot see
LOADS_BY_NAME = {
    "service/store/schema.py": "Alembic costs 11 MB, and a server process whose schema is current never needs it",
    "service/fhir/models.py": "the FHIR models cost 0.3 s and 27 MB, and most workers never need them",
    "service/store/base.py": "the dialect of the other database costs 2 MB, and only one is ever spoken",
    "service/app.py": "the commands bring the server, its logs and the demo practice, which answering needs none of",
    "service/api/edge.py": "flask-smorest brings YAML and a second parser, and only the OpenAPI document needs them",
    "service/casework/assertions.py": "joserfc brings X.509 and SSH, and most workers never meet a connected system",
    "service/casework/proofs.py": "argon2 costs a megabyte, and most workers meet people who are signed in",
    "service/fhirpath/pool.py": "what speaks to its children costs half a megabyte, and few forms have expressions",
    "service/reports/render.py": "what speaks to render children costs a megabyte, and most workers never print",
    "service/web/qr.py": "segno brings an XML writer and an HTTP client, and few pages draw a code",
}
HTTP_CLIENTS = {"requests", "httpx", "httpx2", "urllib3", "aiohttp", "urllib.request", "http.client"}
SPEAKS_HTTP = {"service/ehr/client.py"}
STORED_AS_FHIR = {
    *(f"service.fhir.{name}" for name in ("bundle", "publish", "reading")),
    *(f"service.store.{name}" for name in ("outbox", "resources")),
}
FHIR_ADDRESS = "/fhir/R4"
DRAWERS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}

UNFINISHED = re.compile(
    r"\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b|Not[I]mplementedError|\bf[o]r now\b|simplified v[e]rsion|plac[e]holder"
)
REGISTRY = re.compile(r"(files\.pythonh[o]sted|p[y]pi\.org|registry\.n[p]mjs|deb\.d[e]bian)")
MACHINE = re.compile(r"(/w[o]rk/|/r[o]ot/|/h[o]me/[a-z]|\.l[i]brary/)")
CHECKS = re.compile(r"\bassert|raises|warns|expect\(|check_|verify_|must_")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LINT, "--no-logo", "--no-cache"], check=False, cwd=folder, capture_output=True, text=True)


def test_every_arrow_points_down() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def empty_house(folder: Path) -> Path:
    """The rooms of our contracts with nothing in them, and the contracts."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = [f"service/{room.strip()}" for layer in layers for room in layer.split("|")]
    for room in [
        "schemas",
        "schemas/actions",
        "schemas/vocabulary",
        "schemas/instruments",
        "service",
        *rooms,
        "service/fhir/models",
    ]:
        (folder / room).mkdir()
        (folder / room / "__init__.py").touch()
    return folder


def test_an_empty_house_breaks_no_contract(tmp_path: Path) -> None:
    assert lint_imports(empty_house(tmp_path)).returncode == 0


# a file that breaks a contract, what stands in it, the contract, and what the report of that contract says of it
WRONG_ARROWS = [
    ("service/drawer/__init__.py", "", "Rooms look down only", "- service.drawer\n"),
    ("service/domain/up.py", "import service.store\n", "Rooms look down only", "service.domain.up -> service.store "),
    ("service/web/side.py", "import service.api\n", "Rooms look down only", "service.web.side -> service.api "),
    ("service/domain/rows.py", "import sqlalchemy\n", "Rules and definitions are plain Python", ".rows -> sqlalchemy "),
    ("service/domain/signed.py", "import joserfc\n", "Rules and definitions are plain Python", ".signed -> joserfc "),
    ("schemas/up.py", "import service.domain\n", "Shapes know nothing of the service", "schemas.up -> service.domain "),
    ("service/web/rows.py", "import sqlalchemy\n", "Only the store knows the database", ".web.rows -> sqlalchemy "),
    ("service/api/model.py", "import fhir.resources\n", "Only fhir/models.py knows", "service.api.model -> fhir "),
    ("service/reports/paper.py", "import weasyprint\n", "Only the render child knows", ".paper -> weasyprint "),
    ("service/casework/path.py", "import fhirpathpy\n", "Only the FHIRPath child knows", ".path -> fhirpathpy "),
    ("service/casework/form.py", "import marshmallow\n", "Only schemas and the edges know", ".form -> marshmallow "),
]


def test_arrows_the_wrong_way_are_noticed(tmp_path: Path) -> None:
    """All of them in one house: each must be named by the contract that it breaks."""
    house = empty_house(tmp_path)
    for path, text, _, _ in WRONG_ARROWS:
        (house / path).parent.mkdir(exist_ok=True)
        (house / path).write_text(text)
    result = lint_imports(house)
    assert result.returncode != 0
    summary, _, report = result.stdout.partition("Broken contracts\n")
    for path, _, contract, said in WRONG_ARROWS:
        assert re.search(contract + ".*BROKEN", summary), summary
        assert said in about(contract, report), f"{path}: {report}"


def about(contract: str, report: str) -> str:
    """What a report says of one broken contract: from its underlined name to the next."""
    found = re.search(rf"^{contract}.*\n-+\n((?:.*\n(?!---))*)", report, re.MULTILINE)
    return found[1] if found else ""


def test_no_function_is_over_fifty_lines() -> None:
    assert [f"{each.place}: {each.length}" for each in functions() if each.length > 50] == []


def test_most_functions_are_short() -> None:
    lengths = sorted(each.length for each in functions())
    assert statistics.median(lengths) <= 8
    assert lengths[int(len(lengths) * 0.9)] <= 25


def test_no_file_is_over_four_hundred_lines() -> None:
    assert [name for name, text, _ in modules() if text.count("\n") > 400] == []


def test_no_function_nests_deeper_than_three() -> None:
    assert [each.place for each in functions() if each.nesting > 3] == []


def test_imports_stand_at_the_top() -> None:
    late = (ast.Import, ast.ImportFrom)
    assert [each.place for each in functions() if any(isinstance(node, late) for node in statements(each.node))] == []


def test_only_named_modules_load_others_by_name() -> None:
    loading = {name for name, text, _ in modules() if re.search(r"\b(import_module|__import__)\(", text)}
    assert loading <= LOADS_BY_NAME.keys()


def test_only_the_outside_client_speaks_http() -> None:
    speaking = {
        name
        for name, _, tree in modules()
        for node in statements(tree)
        if name.startswith("service/") and not HTTP_CLIENTS.isdisjoint(imported(node))
    }
    assert speaking <= SPEAKS_HTTP


def test_a_test_that_reads_what_is_stored_as_fhir_asks_for_it_to_be_built() -> None:
    """Where nothing is built after a commit (tests/conftest.py), what is not there would prove nothing."""
    rooms = tuple(f"tests/{room}/" for room in UNPUBLISHED)
    reading = {
        name
        for name, text in texts()
        if name.endswith(".py")
        and name.startswith(rooms)
        and reads_what_is_stored(tree := ast.parse(text), text)
        and "published" not in asked_of_all(tree)
    }
    assert not reading, reading


def reads_what_is_stored(tree: ast.Module, text: str) -> bool:
    return FHIR_ADDRESS in text or any(not STORED_AS_FHIR.isdisjoint(imported(node)) for node in tree.body)


def asked_of_all(tree: ast.Module) -> set[str]:
    """The fixtures that every test of a file uses."""
    marks = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "pytestmark"
    ]
    return {str(each.value) for mark in marks for each in ast.walk(mark) if isinstance(each, ast.Constant)}


def is_words(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def is_empty(each: Function) -> bool:
    if any("overload" in ast.dump(mark) or "abstract" in ast.dump(mark) for mark in each.node.decorator_list):
        return False
    body = [line for line in each.node.body if not is_words(line)]
    return all(isinstance(line, ast.Pass) for line in body)


def test_every_function_does_something() -> None:
    protocols = {
        id(method)
        for _, _, tree in modules()
        for node in statements(tree)
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.dump(base) for base in node.bases)
        for method in node.body
    }
    assert [each.place for each in functions() if is_empty(each) and id(each.node) not in protocols] == []


def test_no_file_is_a_drawer() -> None:
    assert [name for name in files() if name.endswith(".py") and DRAWERS & set(Path(name).with_suffix("").parts)] == []


def test_every_module_says_its_job() -> None:
    assert [name for name, _, tree in modules() if not ast.get_docstring(tree)] == []


def test_nothing_is_left_for_later() -> None:
    lines = [(name, line.strip()) for name, text, _ in modules() for line in text.splitlines()]
    assert [place for place in lines if UNFINISHED.search(place[1])] == []


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = [
        f"{name}:{number}: {line.strip()[:90]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if REGISTRY.search(line) or MACHINE.search(line)
    ]
    assert found == []


def idle_tests(name: str, text: str) -> list[str]:
    """The tests of one file in which this scan sees no check."""
    lines = text.split("\n")
    tests = [node for node in statements(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    named = [node for node in tests if node.name.startswith("test_")]
    bodies = [(node.name, "\n".join(lines[node.lineno - 1 : node.end_lineno])) for node in named]
    return [f"{name} {test}" for test, body in bodies if not CHECKS.search(body)]


def test_every_test_checks_something() -> None:
    of_tests = [(name, text) for name, text in texts() if name.startswith("tests/") and name.endswith(".py")]
    assert [place for name, text in of_tests for place in idle_tests(name, text)] == []
