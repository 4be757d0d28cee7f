"""What the product does. Rule: package roots stay empty, so that a rule can be imported without Flask."""
