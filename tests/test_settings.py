"""Settings: documented one by one, and a production start without protection is refused."""

import ast
import re
from pathlib import Path

import pytest

from service.settings import LOOPBACK, WeakSetting, from_environment

ROOT = Path(__file__).resolve().parents[1]
PRODUCTION = {
    "PRODUCTION": "true",
    "TRUSTED_HOSTS": "stepwell.practice.test",
    "SECURE_COOKIES": "true",
    "CANONICAL_BASE": "https://stepwell.practice.test",
    "FHIR_BASE": "https://stepwell.practice.test/fhir/R4/",
}


def read_in_code() -> dict[str, str]:
    """Variable -> its default where that is a plain value, "" where it is worked out."""
    tree = ast.parse((ROOT / "service/settings.py").read_text())
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and re.fullmatch(r"env\.\w+", ast.unparse(node.func))
    ]
    return {
        f"STEPWELL_{ast.literal_eval(node.args[0])}": str(node.args[1].value)
        if isinstance(node.args[1], ast.Constant)
        else ""
        for node in calls
    }


def documented() -> dict[str, str]:
    rows = re.findall(
        r"^\| `(STEPWELL_\w+)` \| (.+?) \|", (ROOT / "docs/reference/settings.md").read_text(), re.MULTILINE
    )
    return {name: default.strip("`") for name, default in rows}


def test_every_setting_is_documented_with_its_default() -> None:
    assert documented().keys() == read_in_code().keys()
    plain = {name: default for name, default in read_in_code().items() if default}
    assert {name: documented()[name] for name in plain} == {
        name: default.lower() if default in ("True", "False") else default for name, default in plain.items()
    }
    assert documented()["STEPWELL_TRUSTED_HOSTS"] == ",".join(LOOPBACK)


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"STEPWELL_{name}", value)


def test_everything_lies_under_var_by_default(tmp_path: Path) -> None:
    settings = from_environment(tmp_path)
    assert settings.data_dir == tmp_path / "var" / "data"
    assert settings.key_file == tmp_path / "var" / "keys" / "master.json"
    assert settings.sqlite
    assert (settings.host, settings.production) == ("127.0.0.1", False)


def test_a_protected_production_start_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **PRODUCTION)
    settings = from_environment(tmp_path)
    assert settings.fhir_base == "https://stepwell.practice.test/fhir/R4"
    assert settings.trusted_hosts == ("stepwell.practice.test",)


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "PRODUCTION"])
def test_a_production_start_without_protection_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    given(monkeypatch, **{key: value for key, value in PRODUCTION.items() if key != name})
    with pytest.raises(WeakSetting, match=f"STEPWELL_{name}"):
        from_environment(tmp_path)


def test_a_key_file_inside_the_data_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, DATA_DIR=str(tmp_path), KEY_FILE=str(tmp_path / "keys" / "master.json"))
    with pytest.raises(WeakSetting, match="outside"):
        from_environment(tmp_path)


def test_a_value_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "database_url"
    secret.write_text("postgresql+psycopg://stepwell:words@database/stepwell\n")
    given(monkeypatch, DATABASE_URL_FILE=str(secret))
    settings = from_environment(tmp_path)
    assert settings.database_url == "postgresql+psycopg://stepwell:words@database/stepwell"
    assert not settings.sqlite
