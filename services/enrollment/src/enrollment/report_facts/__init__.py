"""Lists of a unit's people and applications in pages, for the reports and exports of the reporting service."""
