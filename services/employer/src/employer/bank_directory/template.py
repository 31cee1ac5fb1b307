"""The template of the bank directory's file, and how it is given back with its faulty rows."""

import io
from collections.abc import Sequence

from employer.bank_directory.rules import LABELS, REQUIRED
from employer.bank_directory.schemas import BankClassOut

SHEET = "银行名录"
_WIDTHS = {"bank_class": 24, "code": 18, "name": 46, "short_name": 30, "status": 10}
COLUMNS = [(label, field in REQUIRED, _WIDTHS[field]) for field, label in LABELS.items()]
"""The columns of the sheet: heading, whether it is required, width."""
_LAST_ROW = 5000
LIST_SHEET = "代码表"
"""What the drop-downs offer."""


def write_template(classes: Sequence[BankClassOut]) -> bytes:
    """An .xlsx with the headings (required ones red), text cells for codes, a list of classes to choose from."""
    from openpyxl import Workbook  # takes long to import, and few processes need it
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    lists = book.create_sheet(LIST_SHEET)
    for row, bank in enumerate(classes, start=1):
        lists.cell(row, 1, f"{bank.code} {bank.name}")
    lists.sheet_state = "hidden"
    chosen = DataValidation("list", formula1=f"{LIST_SHEET}!$A$1:$A${len(classes)}", allow_blank=True)
    states = DataValidation("list", formula1='"启用,停用"', allow_blank=True)
    for column, (field, label) in enumerate(LABELS.items(), start=1):
        letter = get_column_letter(column)
        cell = sheet.cell(1, column, label)
        cell.font = Font(bold=True, color="FFC00000" if field in REQUIRED else "FF000000")
        sheet.column_dimensions[letter].width = _WIDTHS[field]
        sheet.column_dimensions[letter].number_format = "@"
        if field == "bank_class":
            chosen.add(f"{letter}2:{letter}{_LAST_ROW}")
        if field == "status":
            states.add(f"{letter}2:{letter}{_LAST_ROW}")
    sheet.add_data_validation(chosen)
    sheet.add_data_validation(states)
    sheet.freeze_panes = "A2"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
