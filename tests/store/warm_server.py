"""The real server with its first requests behind it, run as a program of its own by test_killed_server.py.

Its workers fork from a process that has compiled its templates and queries, so a killed one is back within
milliseconds and 200 kills take seconds. It reads the requests to begin with, as JSON, from standard input.
"""

import json
import sys

from service import guard, logs, server
from service.app import create_app
from service.settings import from_environment
from tests.contracts.sources import ROOT


def main() -> None:
    settings, begin = from_environment(ROOT), json.load(sys.stdin)
    app = create_app(settings)
    logs.install(app, guard.request_id)
    client = app.test_client()
    client.set_cookie("stepwell", begin["cookie"])
    for method, path, body in begin["requests"]:
        answer = client.open(path, method=method, data=body, headers=begin["headers"])
        assert answer.status_code == 200, (path, answer.text)
    server.let_go(app)
    server.Server(app, server.options(settings, app)).run()


if __name__ == "__main__":
    main()
