"""Block Kit: limits and surfaces, who has which ids, and what inputs hold."""
