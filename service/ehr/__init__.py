"""The outside record: launch, hooks, delivery. Rule: the only room that speaks HTTP to others."""
