"""Lines of a file as they are given back: the cells as the file had them, the faulty ones among them, the reasons."""

from collections.abc import Mapping

from employer.receipts.models import ReceiptLine
from employer.receipts.rules import HEADINGS, REQUIRED, Returned
from servicekit.sheets import MarkedRow, marked_row

SHEET = "到账明细"
FILE_ENDS: Mapping[Returned, str] = {"faulty": "-错误数据", "unknown": "-未匹配数据"}
"""What the name of the file that is given back ends in."""
_WIDTHS = {"employer_no": 24, "employer_name": 32, "month": 14, "insurance": 20, "amount": 16, "received_on": 14}
_LABELS = [names[0] for names in HEADINGS.values()]
COLUMNS = [(names[0], column in REQUIRED, _WIDTHS.get(column, 28)) for column, names in HEADINGS.items()]
"""The columns of the file: heading, whether it is required, width."""
_NOWHERE = [list(HEADINGS).index(column) for column in ("employer_no", "month", "insurance")]
_NOT_OWED = "该单位在这个费款所属期没有这个险种的核定，请核对；如填写无误，待核定后在网厅重新匹配即可，不必再次上传"


def returned_row(line: ReceiptLine) -> MarkedRow:
    """A line that is faulty or matched nothing."""
    if line.faults is None:
        return _cells_of(line), _NOWHERE, _NOT_OWED
    return marked_row(_LABELS, line.cells or {}, [(fault["column"], fault["message"]) for fault in line.faults])


def _cells_of(line: ReceiptLine) -> list[str]:
    values = {
        "employer_no": line.employer_no,
        "employer_name": line.employer_name,
        "month": None if line.month is None else line.month.compact(),
        "insurance": line.insurance,
        "amount": line.amount,
        "received_on": line.received_on,
        "reference": line.reference,
    }
    return ["" if values[column] is None else str(values[column]) for column in HEADINGS]
