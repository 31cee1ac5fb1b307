"""Reporting against a real PostgreSQL, with the other services' internal API answered by a stand-in transport."""
