"""Rules: what is allowed and what it means. Rule: plain Python, no IO and no framework."""
