"""Use cases, one function a verb. Rule: asks the access table, then writes record, audit and outbox together."""
