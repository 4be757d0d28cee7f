"""The HTML edge for therapists and supervisors. Rule: every action works without script."""
