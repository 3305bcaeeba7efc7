"""What can become of the ledger itself."""

from __future__ import annotations


class LedgerAway(Exception):
    """The database cannot be used now: it does not answer, or its disk is full. The text says which.

    What was asked for has not been done, or, if only the answer to the commit got lost, has been done as a whole. It
    can be asked for again: every promise is a row that is there once.
    """
