"""Worlds are full of misfortune, which the engine would tell of at length."""

import logging

import pytest


@pytest.fixture(autouse=True)
def silence():
    """Nothing is logged; the fixture for all tests puts it back."""
    logging.disable(logging.CRITICAL)
