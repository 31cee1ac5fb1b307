"""The code tables as the pages read them."""

from pydantic import BaseModel

from enrollment.dictionaries.rules import Dictionary


class Code(BaseModel):
    """One code and its Chinese name."""

    code: str
    name: str


class DictionariesOut(BaseModel):
    """All code tables of one version, in the order the pages show them."""

    version: int
    tables: dict[str, list[Code]]

    @classmethod
    def of(cls, dictionary: Dictionary) -> "DictionariesOut":
        """From the tables in force."""
        return cls(
            version=dictionary.version,
            tables={
                table: [Code(code=code, name=name) for code, name in codes.items()]
                for table, codes in dictionary.tables.items()
            },
        )
