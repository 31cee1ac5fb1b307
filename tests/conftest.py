"""Fixtures for the whole suite live in `tests/support`; this only names them."""

import structlog
from hypothesis import settings

# How long an example takes is the machine's affair: timings are measured in `tests/bench` and asserted nowhere.
settings.register_profile("hall", deadline=None)
settings.load_profile("hall")

pytest_plugins = ["tests.support.servers", "tests.support.databases", "tests.support.hall"]

# Unconfigured, structlog draws each logged exception as a picture with every variable of every frame: three seconds.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)
