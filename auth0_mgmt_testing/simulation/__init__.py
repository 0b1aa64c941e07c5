"""What the engine asks before it carries a request out: faults, rate limits, search delay."""
