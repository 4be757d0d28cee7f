"""What the operator sets from the command line about one case."""

import pytest

from schemas.release_codes import ConsentKind
from service.casework import cases, operating, resource_reads
from service.casework.operating import Access
from service.errors import Invalid, NotFound
from service.fhir import publish
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")


def test_a_linked_system_reads_fhir_data_of_that_case_and_of_no_other(house: House) -> None:
    case, other = builders.add_case(house.therapist), builders.add_case(house.therapist)
    publish.drain()
    builders.add_consent(house.therapist, case.id, ConsentKind.RECORD_SYSTEM)
    operating.set_access(house.practice_id, case.code, Access(linked=builders.email_of(house.machine)))
    assert resource_reads.read_resource(house.machine, "Patient", case.id).case_id == case.id
    with pytest.raises(NotFound):
        resource_reads.read_resource(house.machine, "Patient", other.id)


def test_a_restricted_case_is_hidden_from_the_supervisor_until_it_is_opened_again(house: House) -> None:
    case = builders.add_case(house.therapist)
    operating.set_access(house.practice_id, case.code, Access(restricted=True))
    with pytest.raises(NotFound):
        cases.read_case(house.supervisor, case.id)
    operating.set_access(house.practice_id, case.code, Access(restricted=False))
    assert cases.read_case(house.supervisor, case.id).code == case.code


def test_a_blocked_person_finds_nothing(house: House) -> None:
    case = builders.add_case(house.therapist)
    operating.set_access(house.practice_id, case.code, Access(blocked=builders.email_of(house.supervisor)))
    with pytest.raises(NotFound):
        cases.read_case(house.supervisor, case.id)


def test_the_therapist_of_a_case_can_be_neither_blocked_nor_linked(house: House) -> None:
    case, own = builders.add_case(house.therapist), builders.email_of(house.therapist)
    with pytest.raises(Invalid):
        operating.set_access(house.practice_id, case.code, Access(blocked=own))
    with pytest.raises(Invalid):
        operating.set_access(house.practice_id, case.code, Access(linked=own))
