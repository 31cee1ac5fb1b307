"""Faulty lines of receipts and of the bank directory given back as files: marked, with reasons, to mend."""

import io
from typing import Any

import httpx
from openpyxl import load_workbook

from tests.integration.employer.office import API, UNIT, assess, deliver, rows, started, upload_bank_file
from tests.integration.employer.receipts_desk import booked, checked, line, outcomes, shown, upload
from tests.support.harness import ServiceHarness
from tests.support.sheets import rows_of, saved, sheet_of

MARK = "FFFFC7CE"
RECEIPT_HEADINGS = ["单位编号", "单位名称", "费款所属期", "险种类型", "到账金额", "到账日期", "缴款流水号"]


async def _lines_file(hall: ServiceHarness, found: dict[str, Any], outcome: str) -> httpx.Response:
    url = f"{API}/receipt-imports/{found['id']}/lines/file"
    return await hall.client.get(url, params={"outcome": outcome}, headers=hall.staff("operator"))


def _mended(content: bytes, **cells: str) -> bytes:
    book = load_workbook(io.BytesIO(content))
    for place, text in cells.items():
        book.worksheets[0][place] = text
    return saved(book)


async def test_faulty_receipts_come_back_marked_and_can_be_mended(hall: ServiceHarness) -> None:
    await deliver(hall, started(month="2026-03"))
    await assess(hall, "2026-03")
    formula = line(缴款流水号="=1+1", 险种类型="", 到账金额="8x")
    found = await booked(hall, [line(到账金额="40.00"), formula, line(缴款流水号="SP3", 费款所属期="202613")])
    assert outcomes(found) == {"partial": (1, "40.00"), "faulty": (2, "0.00")}

    answer = await _lines_file(hall, found, "faulty")
    assert answer.headers["content-disposition"].endswith("%E9%94%99%E8%AF%AF%E6%95%B0%E6%8D%AE.xlsx")  # 错误数据
    first, second = rows_of(answer.content)
    assert list(first) == [*RECEIPT_HEADINGS, "错误原因"]
    assert first["错误原因"] == "第4列 险种类型：不能为空；第5列 到账金额：应为金额，最多两位小数"
    assert second["错误原因"] == "第3列 费款所属期：应为 YYYYMM 格式的月份，如 202603"
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [cell.fill.fgColor.rgb == MARK for cell in sheet[2]] == [False] * 3 + [True] * 2 + [False] * 3
    assert (sheet["G2"].value, sheet["G2"].data_type) == ("=1+1", "s"), "what was typed, not a formula"

    again = await upload(hall, _mended(answer.content, D2="310", E2="800.00", C3="202603"), "改正.xlsx")
    await hall.drain()
    seen = await shown(hall, again.json()["id"])
    assert outcomes(seen) == {"matched": (1, "800.00"), "overpaid": (1, "840.00")}
    (audited,) = await rows(hall, "SELECT facts FROM audit_log WHERE action = 'receipts.lines_downloaded'")
    assert audited.facts == {"outcome": "faulty", "lines": 2}


async def test_receipts_that_matched_nothing_come_back_with_what_to_look_at(hall: ServiceHarness) -> None:
    found = await checked(hall, [line(), line(缴款流水号="SP2")])
    answer = await _lines_file(hall, found, "unknown")
    first, second = rows_of(answer.content)
    told = [first[heading] for heading in RECEIPT_HEADINGS]
    assert told == [UNIT, None, "202603", "310", "840.00", "2026-03-09", "SP1"]
    assert second["缴款流水号"] == "SP2"
    assert "没有这个险种的核定" in first["错误原因"]
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [place for place, cell in enumerate(sheet[2]) if cell.fill.fgColor.rgb == MARK] == [0, 2, 3]
    nothing = await _lines_file(hall, found, "faulty")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "no_such_lines")
    assert (await _lines_file(hall, found, "matched")).status_code == 422


async def test_faulty_branches_come_back_marked_and_can_be_mended(hall: ServiceHarness) -> None:
    good = {"银行大类": "102", "联行号": "102332000014", "网点名称": "工行鄞州支行", "网点简称": "工行鄞州支行"}
    bad = {**good, "联行号": "12", "网点名称": None}
    found = (await upload_bank_file(hall, "名录.xlsx", sheet_of([good, bad]))).json()
    url = f"{API}/bank-imports/{found['id']}/faulty-rows/file"
    answer = await hall.client.get(url, headers=hall.staff("operator"))
    (row,) = rows_of(answer.content)
    assert (
        row["错误原因"]
        == "第3列 网点名称：请填写网点名称；第2列 联行号：联行号应为12位数字，请将单元格设为文本格式后填写"
    )
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [place for place, cell in enumerate(sheet[2]) if cell.fill.fgColor.rgb == MARK] == [1, 2]

    mended = _mended(answer.content, B2="102332000022", C2="工行鄞州支行")
    again = (await upload_bank_file(hall, "改正.xlsx", mended)).json()
    assert (again["good"], again["bad"]) == (1, 0)
    nothing = await hall.client.get(
        f"{API}/bank-imports/{again['id']}/faulty-rows/file", headers=hall.staff("operator")
    )
    assert (nothing.status_code, nothing.json()["code"]) == (404, "nothing_faulty")
