"""Code tables as values. Pure: the repository reads them, whoever checks a code gets them as an argument."""

from collections.abc import Mapping
from dataclasses import dataclass, field

TABLES = (
    "insurance_types",
    "id_types",
    "sexes",
    "nationalities",
    "marital_statuses",
    "education_levels",
    "household_kinds",
    "regions",
    "employment_forms",
    "personal_identities",
    "person_categories",
    "employer_kinds",
    "coverage_statuses",
    "payment_statuses",
    "addition_reasons",
    "removal_reasons",
    "bank_classes",
)


@dataclass(frozen=True)
class Dictionary:
    """One version of all code tables: table → code → Chinese name, in the order the pages show them."""

    version: int
    tables: Mapping[str, Mapping[str, str]] = field(repr=False)

    def has(self, table: str, code: str) -> bool:
        """Whether the table knows the code."""
        return code in self.tables.get(table, {})

    def name(self, table: str, code: str | None) -> str:
        """The Chinese name of a code; the code itself when the table no longer knows it, empty for none."""
        if code is None:
            return ""
        return self.tables.get(table, {}).get(code, code)
