"""Which ids belong to a case, over every table. Rule: the tables themselves tell, so that no new one is forgotten."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, false, or_, select

from service.store.base import Base, db

_CASES = "client_case"


def ids_of(case_ids: Collection[str]) -> frozenset[str]:
    """The cases, their records and FHIR resources, and what hangs on a record: each id by which something is named."""
    if not case_ids:
        return frozenset()
    found = (each for query in _queries(case_ids) for each in db.session.execute(query).scalars())
    return frozenset((*case_ids, *found))


def _queries(case_ids: Collection[str]) -> Iterator[Select[Any]]:
    for table in filter(_is_named, Base.metadata.sorted_tables):
        if of_case := _of_case(table, case_ids):
            yield select(table.c.id).where(or_(false(), *of_case)).distinct()
            continue
        for column, other in _leading_to(table):
            if _is_named(other) and (of_case := _of_case(other, case_ids)):
                yield select(table.c.id).where(column.in_(select(other.c.id).where(or_(false(), *of_case))))


def _is_named(table: Table) -> bool:
    return "id" in table.c


def _of_case(table: Table, case_ids: Collection[str]) -> list[ColumnElement[bool]]:
    """`case_id`, and whatever else leads to a case."""
    leading = {column for column, other in _leading_to(table) if other.name == _CASES}
    return [each.in_(list(case_ids)) for each in table.c if each in leading or each.name == "case_id"]


def _leading_to(table: Table) -> Iterator[tuple[ColumnElement[str], Table]]:
    for key in table.foreign_keys:
        yield key.parent, key.column.table
