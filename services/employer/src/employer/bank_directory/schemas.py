"""What the bank directory's API takes and answers. Public facts only."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from employer.bank_directory.models import BankBranch, BankClass, BankImport, BankImportRow
from employer.bank_directory.rules import LABELS, BranchStatus, Stage
from servicekit.forms import Form


class UploadForm(Form):
    """What makes two uploads the same request."""

    name: str
    digest: str


class BankClassOut(BaseModel):
    """A bank class (银行大类)."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name: str
    short_name: str


class BranchOut(BaseModel):
    """A branch (网点)."""

    code: str = Field(title="联行号")
    bank_class: str
    bank_class_name: str
    name: str
    short_name: str
    status: BranchStatus

    @classmethod
    def of(cls, branch: BankBranch, bank: BankClass) -> "BranchOut":
        """A branch with its class."""
        return cls(
            code=branch.code,
            bank_class=bank.code,
            bank_class_name=bank.name,
            name=branch.name,
            short_name=branch.short_name,
            status="closed" if branch.status == "closed" else "open",
        )


class BankImportOut(BaseModel):
    """An uploaded file of branches."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    stage: Stage
    file_name: str
    total: int
    good: int = Field(description="检查通过的网点数")
    bad: int = Field(description="有误的行数")
    added: int = Field(description="确认后新增的网点数")
    changed: int = Field(description="确认后更新的网点数；其余与名录相同")
    uploaded_at: datetime
    confirmed_at: datetime | None
    version: int

    @classmethod
    def of(cls, row: BankImport) -> "BankImportOut":
        """An import."""
        return cls.model_validate(row)


class CellFault(BaseModel):
    """What is wrong with one cell."""

    field: str
    label: str
    code: str
    message: str


class FaultyRow(BaseModel):
    """A row that can't be brought in, by its number in the file, with all that is wrong with it."""

    number: int
    branch_code: str
    short_name: str
    faults: list[CellFault]

    @classmethod
    def of(cls, row: BankImportRow) -> "FaultyRow":
        """A kept row."""
        return cls(
            number=row.number,
            branch_code=row.cells["code"],
            short_name=row.cells["short_name"],
            faults=[CellFault(label=LABELS[fault["field"]], **fault) for fault in row.faults],
        )
