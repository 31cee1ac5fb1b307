"""What kinds of employer look like outside."""

from datetime import datetime

from pydantic import BaseModel, Field

from employer.units.models import EmployerKind
from servicekit.forms import Form


class KindOut(BaseModel):
    """A kind of employer."""

    code: str
    name: str
    online_declaration: bool = Field(title="可网上申报")
    insurances: list[str] = Field(title="险种类型")
    units: int = Field(title="单位数")
    changed_by_name: str | None
    changed_at: datetime | None
    version: int

    @classmethod
    def of(cls, kind: EmployerKind, units: int) -> "KindOut":
        """From a kind."""
        return cls(
            code=kind.code,
            name=kind.name,
            online_declaration=kind.online_declaration,
            insurances=kind.insurances,
            units=units,
            changed_by_name=kind.changed_by_name,
            changed_at=kind.changed_at,
            version=kind.version,
        )


class KindForm(Form):
    """What may be changed of a kind."""

    online_declaration: bool = Field(title="可网上申报")
