"""Fixtures for the whole suite live in `tests/support`; this only names them."""

import structlog

pytest_plugins = ["tests.support.servers", "tests.support.databases", "tests.support.hall"]

# Unconfigured, structlog draws each logged exception as a picture with every variable of every frame: three seconds.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)
