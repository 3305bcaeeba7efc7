"""The control API: what the page and tests use to look and to act."""
