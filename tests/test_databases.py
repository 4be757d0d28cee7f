"""The PostgreSQL that the tests bring along is real, private to a worker, and clean when asked to be."""

from collections.abc import Callable

import pytest
import sqlalchemy

from tests.databases import PostgresServer

pytestmark = pytest.mark.postgres


def tables(url: str, statement: str = "SELECT 1") -> list[str]:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(statement))
        names = sqlalchemy.inspect(connection).get_table_names()
    engine.dispose()
    return names


def test_a_database_keeps_what_it_is_given(postgres_url: str) -> None:
    assert tables(postgres_url, "CREATE TABLE kept (id integer primary key)") == ["kept"]
    assert tables(postgres_url, "DROP TABLE kept") == []


def test_fresh_databases_share_nothing(new_postgres_database: Callable[[], str]) -> None:
    first, second = new_postgres_database(), new_postgres_database()
    assert tables(first, "CREATE TABLE only_here (id integer)") == ["only_here"]
    assert tables(second) == []


def test_the_server_listens_on_loopback_and_asks_for_a_password(postgres_server: PostgresServer) -> None:
    with postgres_server.connect() as connection:
        row = connection.execute("SELECT current_setting('listen_addresses')").fetchone()
    assert row == ("127.0.0.1",)
    wrong = PostgresServer(port=postgres_server.port, user=postgres_server.user, password="wrong")
    with pytest.raises(Exception, match="password authentication failed"):
        wrong.connect()
