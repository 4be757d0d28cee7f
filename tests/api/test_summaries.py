"""Summaries for another clinician through the API, and their file over FHIR."""

# mypy: disable-error-code="index,union-attr,return-value,arg-type,misc,operator"

import base64
import hashlib
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain import clock
from service.domain.actors import Actor
from service.domain.leaving import IN_REPORT
from service.reports import render
from service.store import accounts, treatment_summaries
from service.store.base import db
from tests import builders
from tests.api.conftest import Furnished
from tests.builders import House

drawn = pytest.mark.skipif(not render.available(), reason="Pango is not installed: PDF reports are off")


def body(app: Flask, house: House, case_id: str, **changes: object) -> dict[str, object]:
    with app.app_context():
        release = builders.add_release(house.therapist, case_id, classes=IN_REPORT)
    today = str(clock.now().date())
    return {
        "since": today,
        "until": today,
        "release_id": release.id,
        "needs": "A quiet room",
        "signed": True,
        **changes,
    }


@drawn
def test_one_is_made_told_and_fetched_as_the_bytes_that_left(
    app: Flask, client: FlaskClient, house: House, furnished: Furnished
) -> None:
    at = f"/api/v1/cases/{furnished.case_id}/summaries"
    made = client.post(at, json=body(app, house, furnished.case_id))
    assert made.status_code == 201, made.text
    assert made.json["sections"][-1] == {"heading": "Care needs", "lines": ["A quiet room"]}
    assert [each["id"] for each in client.get(at).json] == [made.json["id"]]
    assert client.get(f"/api/v1/summaries/{made.json['id']}").json == made.json
    file = client.get(f"/fhir/R4/Binary/{made.json['id']}", headers={"Accept": "application/pdf"})
    assert (file.content_type, file.headers["Content-Disposition"]) == ("application/pdf", "attachment")
    assert file.headers["X-Security-Context"] == f"DocumentReference/{made.json['id']}"
    assert (made.json["digest"], made.json["size"]) == (hashlib.sha256(file.data).hexdigest(), len(file.data))
    told = client.get(f"/fhir/R4/DocumentReference/{made.json['id']}").json["content"][0]["attachment"]
    assert base64.b64decode(told["hash"]) == hashlib.sha1(file.data, usedforsecurity=False).digest()
    (row, *_older) = client.get(f"/api/v1/cases/{furnished.case_id}/disclosures").json
    assert (row["id"], row["digest"]) == (made.json["disclosure_id"], made.json["digest"])


@pytest.mark.parametrize(
    ("changes", "name"),
    [({"signed": False}, "signed"), ({"release_id": "nothing"}, "release_id"), ({"until": "1999-01-01"}, "until")],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_is_kept(
    app: Flask, client: FlaskClient, house: House, furnished: Furnished, changes: dict[str, object], name: str
) -> None:
    wrong = client.post(
        f"/api/v1/cases/{furnished.case_id}/summaries", json=body(app, house, furnished.case_id, **changes)
    )
    assert wrong.status_code == 422 and name in wrong.json["errors"]
    with app.app_context():
        assert treatment_summaries.of_case(furnished.case_id) == ()


@drawn
def test_one_of_a_cosigned_author_leaves_as_the_bytes_that_were_agreed_to(
    app: Flask, client: FlaskClient, house: House, furnished: Furnished, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    at, asked = f"/api/v1/cases/{furnished.case_id}/summaries", body(app, house, furnished.case_id)
    assert client.post(f"{at}/cosign", json=asked).status_code == 409
    with app.app_context():
        accounts.be_cosigned(house.supervisor.user_id, house.therapist.user_id)
        db.session.commit()
    assert client.post(at, json=asked).status_code == 422
    sent = client.post(f"{at}/cosign", json=asked)
    assert (sent.status_code, sent.json["status"]) == (201, "proposed"), sent.text
    request, reader = f"/api/v1/requests/{sent.json['id']}", sign_in(house.supervisor)
    read = reader.get(f"{request}/summary")
    assert (read.status_code, read.content_type) == (200, "application/pdf")
    early = client.post(f"{request}/summary", json={"version": sent.json["version"]})
    assert early.status_code == 409
    found = reader.post(f"{request}/approve", json={"version": sent.json["version"]}).json
    kept = client.post(f"{request}/summary", json={"version": found["version"]})
    assert kept.status_code == 201 and kept.json["cosigner_name"] == house.supervisor.name
    assert kept.json["digest"] == hashlib.sha256(read.data).hexdigest()
    assert reader.get(f"{request}/summary").status_code == 409
    assert client.get(request).json["status"] == "closed"
