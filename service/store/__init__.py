"""Tables and their queries. Rule: the only room that knows SQLAlchemy."""
