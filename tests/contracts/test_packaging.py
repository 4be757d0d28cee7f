"""What is shipped and on what it stands: an empty wheel, hashed locks without addresses, manifests of bundled files."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contracts.sources import ROOT, files

LOCKS = ["requirements.lock", "requirements-test.lock"]
SECRET = re.compile(r"(?i)(password|secret|token|private_key|api_key)\s*[=:]\s*\S")
BUNDLED = re.compile(r"^service/(.*/)?(vendor|fonts)/[^/]+$")
LICENCES = {"OFL-1.1", "MIT", "Apache-2.0", "BSD-3-Clause", "0BSD", "ISC"}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def asked_for(name: str) -> list[str]:
    lines = (line.strip() for line in (ROOT / name).read_text().splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


def normal(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def locked(name: str) -> dict[str, list[str]]:
    """Package name -> the hashes that its lock allows."""
    blocks = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    return {normal(block): re.findall(r"--hash=sha256:([0-9a-f]{64})", block) for block in blocks}


def system_packages(text: str) -> set[str]:
    """The names that follow the Pango library in an install command."""
    found = re.search(r"libpango-1\.0-0[a-z0-9.\- ]*", text)
    assert found
    return set(found[0].split())


def test_the_distribution_is_stepwell_under_apache() -> None:
    metadata = project()["project"]
    assert (metadata["name"], metadata["license"], metadata["requires-python"]) == ("stepwell", "Apache-2.0", ">=3.11")
    assert "Apache License" in (ROOT / "LICENSE").read_text()[:200]
    assert len((ROOT / "LICENSE").read_text().splitlines()) == 202


@pytest.mark.slow
def test_the_wheel_holds_no_package(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        outside = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert outside == []


def test_the_two_lists_of_dependencies_are_one_list() -> None:
    assert asked_for("requirements.in") == project()["project"]["dependencies"]


@pytest.mark.parametrize("name", ["requirements.in", "requirements-test.in"])
def test_every_dependency_has_its_reason(name: str) -> None:
    lines = [line.strip() for line in (ROOT / name).read_text().splitlines() if line.strip()]
    alone = [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if not line.startswith(("#", "-r")) and not re.fullmatch(r"# Why .+\.", before)
    ]
    assert alone == []


@pytest.mark.parametrize(("lock", "source"), [(LOCKS[0], "requirements.in"), (LOCKS[1], "requirements-test.in")])
def test_every_dependency_is_locked_with_hashes(lock: str, source: str) -> None:
    packages = locked(lock)
    assert {normal(line) for line in asked_for(source)} <= packages.keys()
    assert [name for name, hashes in packages.items() if not hashes] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-i|--index|--extra|--find|--trusted)", text, re.MULTILINE)


def test_what_runs_is_what_was_tested() -> None:
    tested = (ROOT / LOCKS[1]).read_text()
    pins = re.findall(r"^(\S+==\S+)", (ROOT / LOCKS[0]).read_text(), re.MULTILINE)
    assert pins
    assert [pin for pin in pins if pin not in tested] == []


def test_no_lock_of_another_tool_is_kept() -> None:
    others = {"uv.lock", "pylock.toml", "package-lock.json", "yarn.lock", "poetry.lock", "Pipfile.lock"}
    assert [name for name in files() if Path(name).name in others] == []


@pytest.mark.parametrize("name", ["run", "test", ".ci/run"])
def test_a_command_can_be_started(name: str) -> None:
    command = ROOT / name
    assert command.stat().st_mode & 0o111
    assert command.read_text().startswith("#!/usr/bin/env bash\n")
    assert subprocess.run(["bash", "-n", str(command)], check=False, capture_output=True).returncode == 0


def test_the_image_runs_as_nobody_special() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER")]
    assert users == ["10001:10001"]
    starts = [number for number, line in enumerate(lines) if line.startswith(("CMD", "ENTRYPOINT"))]
    assert starts
    assert all(number > lines.index("USER 10001:10001") for number in starts)


def test_the_image_is_built_from_named_versions_and_locked_packages() -> None:
    text = (ROOT / "Dockerfile").read_text()
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.\d+-slim-trixie", base) for base in bases)
    assert "--only-binary :all: --require-hashes --no-deps -r" in text
    assert "HEALTHCHECK" in text
    assert "ADD " not in text


def test_no_newer_release_can_stop_an_installation_from_a_lock() -> None:
    """A lock names everything; asked to resolve, pip looks at newer releases behind extras, and refuses them."""
    assert "--only-binary :all: --require-hashes --no-deps -r" in (ROOT / "bootstrap.sh").read_text()


def test_the_image_has_the_system_packages_that_bootstrap_installs() -> None:
    assert system_packages((ROOT / "Dockerfile").read_text()) == system_packages((ROOT / "bootstrap.sh").read_text())


def test_no_secret_stands_in_the_image_or_beside_it() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert not SECRET.search(text)
    assert not re.search(r"^ARG", text, re.MULTILINE)
    copies = re.findall(r"^COPY (?!--from)(.+)", text, re.MULTILINE)
    sources = {source for line in copies for source in line.split()[:-1]}
    assert sources == {"requirements.lock", "LICENSE", "schemas/", "service/", "templates/"}
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"secrets/", ".env", "*.key", "var/"} <= set(ignored)


def composed() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


@pytest.mark.parametrize("name", ["app", "worker", "database"])
def test_a_container_has_no_more_rights_than_it_needs(name: str) -> None:
    service = composed()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] not in {"root", "0", "0:0"}
    assert not service["image"].endswith("latest")
    assert ":" in service["image"]


def test_secrets_reach_containers_as_files() -> None:
    compose = composed()
    given = {key: value for each in compose["services"].values() for key, value in each.get("environment", {}).items()}
    assert [key for key, value in given.items() if "PASSWORD" in key and not key.endswith("_FILE")] == []
    assert [key for key, value in given.items() if "://" in str(value) and "${" not in str(value)] == []
    assert compose["secrets"].keys() == {"database_url", "database_password"}
    assert all("file" in secret for secret in compose["secrets"].values())


def test_only_the_application_can_be_reached_and_only_from_its_host() -> None:
    compose = composed()
    ports = {name: service.get("ports", []) for name, service in compose["services"].items()}
    assert ports["app"]
    assert all(port.startswith("127.0.0.1:") for port in ports["app"])
    assert ports["worker"] == ports["database"] == []
    assert compose["networks"]["inside"]["internal"] is True
    assert compose["services"]["database"]["networks"] == ["inside"]


def bundles() -> dict[Path, list[dict[str, str]]]:
    """Folder -> the entries of its manifest, for each folder of bundled files."""
    folders = {(ROOT / name).parent for name in files() if BUNDLED.match(name)}
    return {folder: json.loads((folder / "manifest.json").read_text()) for folder in sorted(folders)}


def test_every_bundled_file_is_in_its_manifest() -> None:
    assert bundles()
    for folder, entries in bundles().items():
        present = {path.name for path in folder.iterdir() if path.is_file()} - {"manifest.json"}
        assert sorted(entry["file"] for entry in entries) == sorted(present), folder


def test_every_bundled_file_is_the_one_that_was_reviewed() -> None:
    for folder, entries in bundles().items():
        for entry in entries:
            digest = hashlib.sha384((folder / entry["file"]).read_bytes()).digest()
            assert entry["sha384"] == "sha384-" + base64.b64encode(digest).decode(), entry["file"]
            assert entry["name"]
            assert re.fullmatch(r"[0-9][0-9a-z.\-]*", entry["version"])
            assert entry["licence"] in LICENCES
