"""A running Stepwell for browsers: the real application on a threaded server on loopback, with part of the demo
practice.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server

from schemas.vocabulary import Role
from service import server
from service.app import create_app
from service.casework import demo
from service.casework.demo_cast import CAST, PRACTICE_ZONE, STAFF
from service.domain import clock
from service.domain.actors import Actor
from service.store import accounts, keyring, sign_ins
from service.store.base import db
from tests.conftest import close, migrate, settings_for

PICTURES = os.environ.get("STEPWELL_SCREENSHOTS", "")
DEMO_PASSWORD = "plum river candle"


@dataclass(frozen=True)
class Site:
    """Where it listens, and the people of its practice."""

    app: Flask
    url: str
    practice_id: str

    def actor(self, role: Role, name: str = "") -> Actor:
        """Who of the practice has this name, or the first of its own staff in this role, whoever a test adds."""
        wanted = name or next(each.name for each in STAFF if each.role is role)
        with self.app.app_context():
            people = accounts.people(self.practice_id)
            found = next(each for each in people if each.role is role and wanted in each.name)
            return Actor(found.id, self.practice_id, found.role, found.name, stepped_up=True)

    def sign_in(self, page: Page, actor: Actor) -> None:
        """Give the browser the cookie of a fresh sign-in, as a redeemed link would."""
        with self.app.app_context():
            token = sign_ins.start(actor.user_id, "test browser")
            db.session.commit()
        page.context.add_cookies([{"name": "stepwell", "value": token, "url": self.url, "httpOnly": True}])

    def link_token(self, name: str) -> str:
        """The token of a fresh one-time sign-in link for the person whose name holds `name`."""
        with self.app.app_context():
            return next(each for each in demo.demo_links(self.practice_id) if name in each.name).path_token


@contextmanager
def demo_site(folder: Path, *names: str) -> Iterator[Site]:
    """Serve the demo practice with the clients whose name holds one of `names`."""
    data_dir = folder / "data"
    data_dir.mkdir(mode=0o700)
    settings = settings_for(data_dir, folder / "keys" / "master.json", f"sqlite:///{data_dir / 'stepwell.sqlite3'}")
    keyring.create_file(settings.key_file)
    migrate(settings)
    app = create_app(settings)
    practice_id = load_demo(app, *names)
    with serving(app) as url:
        yield Site(app, url, practice_id)
    close(app)


def load_demo(app: Flask, *names: str) -> str:
    """Tell the stories of these clients; returns the practice id. FHIR data is built when first asked for."""
    cast = tuple(member for member in CAST if any(name in member.name for name in names))
    with app.app_context(), server.loading(app):
        return demo.load(clock.today(PRACTICE_ZONE), password=DEMO_PASSWORD, cast=cast)


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve `app` on a loopback port, a free one if none is named; yields its address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def picture(page: Page, name: str) -> None:
    """Keep a picture where STEPWELL_SCREENSHOTS points, to be looked at."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
