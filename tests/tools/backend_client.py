"""A SMART Backend Services client as somebody else would write it: a process of its own, with nothing of ours. The
service checks by the same JOSE library; tests/machines.py signs without one.

    python backend_client.py BASE CLIENT_ID PRIVATE_KEY.json ALG

Prints the number of lines of each type that it got, as JSON. Standard library and joserfc alone.
"""

import json
import sys
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Any

from joserfc import jwk, jwt


def call(url: str, **options: Any) -> Any:
    return urllib.request.urlopen(urllib.request.Request(url, **options), timeout=30)


def assertion(endpoint: str, client_id: str, key_file: str, alg: str) -> str:
    key = jwk.import_key(json.loads(Path(key_file).read_text()))
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": endpoint,
        "exp": int(time.time()) + 240,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode({"alg": alg, "kid": key.kid, "typ": "JWT"}, claims, key, algorithms=[alg])


def main(base: str, client_id: str, key_file: str, alg: str) -> None:
    told = json.load(call(f"{base}/.well-known/smart-configuration"))
    form = {
        "grant_type": "client_credentials",
        "scope": "system/*.rs",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion(told["token_endpoint"], client_id, key_file, alg),
    }
    token = json.load(call(told["token_endpoint"], data=urllib.parse.urlencode(form).encode()))["access_token"]
    head = {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json", "Prefer": "respond-async"}
    status = call(f"{base}/Patient/$export", headers=head).headers["Content-Location"]
    answer = call(status, headers=head)
    while answer.status == 202:
        time.sleep(1.2)
        answer = call(status, headers=head)
    counts = {}
    for each in json.load(answer)["output"]:
        lines = call(each["url"], headers=head).read().splitlines()
        assert all(json.loads(line)["resourceType"] == each["type"] for line in lines)
        counts[each["type"]] = len(lines)
    assert call(status, headers=head, method="DELETE").status == 202
    sys.stdout.write(json.dumps(counts))


if __name__ == "__main__":
    main(*sys.argv[1:])
