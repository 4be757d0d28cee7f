"""What somebody with the database in hand can do to the audit once its triggers are out of the way."""

from sqlalchemy import text

from service.store.base import db

GUARDS = {
    "sqlite": [
        f"{table}_no_{what}" for table in ("audit_row", "audit_seal") for what in ("update", "delete", "replace")
    ],
    "postgresql": ["audit_row", "audit_seal"],
}
ADDED = """
    INSERT INTO audit_row (number, at, practice_id, actor_id, role, action, subject, verdict, why, request_id)
    SELECT {number}, at, practice_id, actor_id, role, action, 'case/other', verdict, why, request_id
    FROM audit_row WHERE number = 1"""
KINDS = {
    "edit": ["UPDATE audit_row SET subject = 'case/other' WHERE number = 3"],
    "edit the verdict": ["UPDATE audit_row SET verdict = 'refused' WHERE number = 2"],
    "move in time": ["UPDATE audit_row SET at = '2020-01-01 00:00:00' WHERE number = 3"],
    "delete": ["DELETE FROM audit_seal WHERE number = 3", "DELETE FROM audit_row WHERE number = 3"],
    "delete and close the gap": [
        "DELETE FROM audit_seal WHERE number = 3",
        "DELETE FROM audit_row WHERE number = 3",
        "UPDATE audit_seal SET position = -position WHERE number > 3",
        "UPDATE audit_seal SET position = -position - 1 WHERE position < 0",
    ],
    "delete the row alone": ["DELETE FROM audit_row WHERE number = 3"],
    "insert below": ["DELETE FROM audit_seal WHERE number = 3", "UPDATE audit_row SET number = 99 WHERE number = 3"],
    "insert": [ADDED.format(number=-5)],
    "swap": [
        "UPDATE audit_seal SET number = -1 WHERE position = 2",
        "UPDATE audit_seal SET number = 2 WHERE position = 3",
        "UPDATE audit_seal SET number = 3 WHERE position = 2",
    ],
    "delete the newest row alone": ["DELETE FROM audit_row WHERE number = (SELECT max(number) FROM audit_row)"],
}
CUT_TAIL = [
    "DELETE FROM audit_seal WHERE position > 4",
    "DELETE FROM audit_row WHERE number NOT IN (SELECT number FROM audit_seal)",
]


def tamper(statements: list[str]) -> None:
    """Do it past triggers and foreign keys, as the owner of the database can."""
    db.session.rollback()
    with db.engine.connect() as connection:
        name = connection.dialect.name
        if name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            before = [f"DROP TRIGGER IF EXISTS {trigger}" for trigger in GUARDS[name]]
        else:
            before = ["SET session_replication_role = replica"]
        for statement in [*before, *statements]:
            connection.execute(text(statement))
        connection.commit()
    db.engine.dispose()
