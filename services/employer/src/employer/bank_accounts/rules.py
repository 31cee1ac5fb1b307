"""Rules of units' bank accounts. Pure."""

import re

from servicekit.personal import normalise
from servicekit.refusals import FieldFault, Refusal

_ACCOUNT = re.compile(r"[0-9]{6,32}")


class BranchUnknown(Refusal):
    """The branch is not in the directory, or is closed."""

    code = "branch_unknown"
    title = "开户网点不可用"
    detail = "所选开户网点不在银行名录中或已停用，请重新选择。"

    def __init__(self) -> None:
        super().__init__(pointer="/branch_code")


def read_account_number(text: str, faults: list[FieldFault]) -> str:
    """An account number, normalised: 6 to 32 digits. Corporate accounts follow no check digit (domain.md §1)."""
    number = normalise("bank_account", text)
    if not _ACCOUNT.fullmatch(number):
        faults.append(FieldFault("/account_number", "account_number_form", "银行账号应为6至32位数字"))
    return number
