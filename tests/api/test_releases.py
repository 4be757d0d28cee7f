"""Consents, releases and what left, through the API."""

# mypy: disable-error-code="index,union-attr,return-value,arg-type,misc,operator"

import hashlib
import json
from datetime import timedelta

from flask.testing import FlaskClient

from service.domain import clock
from tests.api import bodies
from tests.api.conftest import Furnished

SAID = {"redisclosure": True, "other_ways": True, "no_condition": True}


def test_consents_and_releases_walk_through_their_life(client: FlaskClient, furnished: Furnished) -> None:
    at = f"/api/v1/cases/{furnished.case_id}"
    today = clock.now().date()
    said = {"kind": "telehealth", "answer": "given", "on": str(today), "how": "written"}
    assert client.post(f"{at}/consents", json=said).status_code == 201
    assert client.get(f"{at}/consents").json[0]["kind"] == "telehealth"
    body = {
        "form": "ordinary",
        "recipient": "Harbour Clinic",
        "classes": ["attendance"],
        "purpose": "treatment",
        "route": "secure",
        "expires_on": str(today + timedelta(days=30)),
    }
    made = client.post(f"{at}/releases", json=body)
    assert (made.status_code, made.json["status"]) == (201, "draft")
    address = f"/api/v1/releases/{made.json['id']}"
    assert client.post(f"{address}/sign", json={"version": 1}).status_code == 422
    signed = client.post(f"{address}/sign", json=SAID, headers={"If-Match": made.headers["ETag"]})
    assert signed.json["status"] == "signed"
    ended = client.post(f"{address}/revoke", json={"how": "verbal", "version": signed.json["version"]})
    assert (ended.json["status"], client.get(address).json["ended_how"]) == ("revoked", "verbal")
    assert client.post(f"{address}/drop", json={"version": ended.json["version"]}).status_code == 409
    assert [each["id"] for each in client.get(f"{at}/releases").json] == [made.json["id"], furnished.release_id]


def test_an_export_and_a_call_are_in_the_log_and_a_correction_follows(
    client: FlaskClient, furnished: Furnished
) -> None:
    at = f"/api/v1/cases/{furnished.case_id}"
    assert client.post(f"{at}/export", json={}).status_code == 422
    assert client.post(f"{at}/export", json=bodies.a_departure()).status_code == 200
    entered = client.post(f"{at}/disclosures", json=bodies.a_departure(classes=["care"], what="A call", route="spoken"))
    right = bodies.a_departure(what="It was a letter")
    fixed = client.post(f"/api/v1/disclosures/{entered.json['id']}/corrections", json=right)
    assert (fixed.status_code, fixed.json["corrects"]) == (201, entered.json["id"])
    assert [each["door"] for each in client.get(f"{at}/disclosures").json] == ["other", "other", "export"]


def signed_for(client: FlaskClient, at: str, *classes: str) -> str:
    body = {
        "form": "ordinary",
        "recipient": "Harbour Clinic",
        "classes": list(classes),
        "purpose": "treatment",
        "route": "secure",
        "expires_on": str(clock.now().date() + timedelta(days=30)),
    }
    made = client.post(f"{at}/releases", json=body)
    address = f"/api/v1/releases/{made.json['id']}/sign"
    assert client.post(address, json=SAID, headers={"If-Match": made.headers["ETag"]}).status_code == 200
    return str(made.json["id"])


def test_an_export_by_a_release_holds_what_it_covers_and_its_row_says_so(
    client: FlaskClient, furnished: Furnished
) -> None:
    at = f"/api/v1/cases/{furnished.case_id}"
    by = {"purpose": "treatment", "route": "secure", "form": "ndjson"}
    narrow = bodies.by_a_release(release_id=signed_for(client, at, "attendance"), **by)
    made = client.post(f"{at}/export", json=narrow).json
    kinds = {json.loads(line)["resourceType"] for line in made["ndjson"].splitlines()}
    assert kinds == {"Encounter"} and furnished.case_id not in made["ndjson"]
    told = {each["class"]: (each["sent"], each["why"]) for each in made["manifest"]["by_class"]}
    assert told["logs"] == (0, "The release does not cover it.") and told["attendance"] == (1, "")
    (row,) = client.get(f"{at}/disclosures").json
    assert (row["classes"], row["sections"]) == (["attendance"], ["Sessions that took place: 1"])
    assert row["digest"] == hashlib.sha256(made["ndjson"].encode()).hexdigest()
    empty = bodies.by_a_release(release_id=signed_for(client, at, "summary"), **by)
    refused = client.post(f"{at}/export", json=empty)
    assert refused.status_code == 422 and "Nothing of this record would leave" in refused.text
    assert len(client.get(f"{at}/disclosures").json) == 1
