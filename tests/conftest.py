"""Fixtures for the whole suite live in `tests/support`; this only names them."""

pytest_plugins = ["tests.support.servers", "tests.support.databases", "tests.support.hall"]
