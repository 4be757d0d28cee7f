"""Shapes: what things look like. Rule: nothing here queries, decides or formats, and nothing of service is imported."""
