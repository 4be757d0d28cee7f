"""Settings: one frozen typed object, the only reader of the environment.

Every setting is documented in docs/reference/settings.md (a contract test compares). Production refuses to start on a
weak value.
"""

from dataclasses import dataclass
from pathlib import Path

from environs import FileAwareEnv

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class WeakSetting(RuntimeError):
    """A production start with a setting that would not protect clients."""


@dataclass(frozen=True)
class Settings:
    """All that can be configured. Paths are absolute; sizes are bytes."""

    data_dir: Path
    key_file: Path
    database_url: str
    production: bool = False
    trusted_hosts: tuple[str, ...] = LOOPBACK
    secure_cookies: bool = False
    host: str = "127.0.0.1"
    port: int = 8765
    threads: int = 8
    workers: int = 1
    fhir_base: str = "https://stepwell.example/fhir/R4"
    canonical_base: str = "https://stepwell.example"
    argon2_memory_kib: int = 65_536
    argon2_time_cost: int = 3
    max_body_bytes: int = 2_000_000
    pdf_workers: int = 1
    trusted_proxies: int = 0
    key_hosts: tuple[str, ...] = ()
    testing: bool = False

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def from_environment(root: Path) -> Settings:
    """Read STEPWELL_* variables; defaults keep everything under `root`/var. Raises WeakSetting."""
    env = FileAwareEnv(prefix="STEPWELL_", strip_whitespace=True)
    data_dir = Path(env.str("DATA_DIR", str(root / "var" / "data"))).resolve()
    settings = Settings(
        data_dir=data_dir,
        key_file=Path(env.str("KEY_FILE", str(root / "var" / "keys" / "master.json"))).resolve(),
        database_url=env.str("DATABASE_URL", f"sqlite:///{data_dir / 'stepwell.sqlite3'}"),
        production=env.bool("PRODUCTION", False),
        trusted_hosts=tuple(env.list("TRUSTED_HOSTS", list(LOOPBACK))),
        secure_cookies=env.bool("SECURE_COOKIES", False),
        host=env.str("HOST", "127.0.0.1"),
        port=env.int("PORT", 8765),
        threads=env.int("THREADS", 8),
        workers=env.int("WORKERS", 1),
        fhir_base=env.str("FHIR_BASE", "https://stepwell.example/fhir/R4").rstrip("/"),
        canonical_base=env.str("CANONICAL_BASE", "https://stepwell.example").rstrip("/"),
        pdf_workers=env.int("PDF_WORKERS", 1),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0),
        key_hosts=tuple(env.list("KEY_HOSTS", [])),
    )
    refuse_weak(settings)
    return settings


def refuse_weak(settings: Settings) -> None:
    """Raises WeakSetting naming every setting that production must not have."""
    if settings.key_file.is_relative_to(settings.data_dir):
        raise WeakSetting("STEPWELL_KEY_FILE must lie outside STEPWELL_DATA_DIR.")
    if not settings.production:
        return
    weak = [
        name
        for name, bad in (
            ("STEPWELL_TRUSTED_HOSTS", settings.trusted_hosts == LOOPBACK),
            ("STEPWELL_SECURE_COOKIES", not settings.secure_cookies),
            ("STEPWELL_CANONICAL_BASE", settings.canonical_base.endswith(".example")),
            ("STEPWELL_FHIR_BASE", ".example/" in settings.fhir_base + "/"),
        )
        if bad
    ]
    if weak:
        raise WeakSetting("Set these before a production start: " + ", ".join(weak) + ".")
