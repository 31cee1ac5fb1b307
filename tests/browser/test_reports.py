"""Exports and documents: from the look-up page to the file, for many at once, and the report centre afterwards."""

from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_unit, log_in, open_page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

UNIT_NAME = "甬江智造科技有限公司"


def test_exported_certified_and_tidied_up(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor()
    log_in(page, "jingban01")
    choose_unit(page, UNIT_NAME)

    open_page(page, "单位参保人员名单")
    expect(page.locator("tr.ant-table-row:visible")).to_have_count(20)
    with page.expect_download() as download:
        page.get_by_role("button", name="导出", exact=True).click()
        page.get_by_text("导出（证件号码与页面一致）").click()
    assert download.value.suggested_filename.startswith("单位参保人员名单（")
    download.value.save_as(tmp_path / "roster.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "roster.xlsx").worksheets[0]
    assert sheet["A1"].value == "姓名"
    assert "*" in str(sheet["B2"].value)

    open_page(page, "职工参保证明")
    page.get_by_role("button", name="查询", exact=True).locator("visible=true").click()
    rows = page.locator("tr.ant-table-row:visible")
    expect(rows.first).to_be_visible()
    for place in (0, 1):
        rows.nth(place).get_by_role("checkbox").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="批量下载").click()
    download.value.save_as(tmp_path / "many.zip")
    with ZipFile(tmp_path / "many.zip") as archive:
        assert len(archive.namelist()) == 2

    open_page(page, "报表中心")
    made = page.locator("tr.ant-table-row:visible").filter(has_text="职工参保证明（2 人")
    expect(made).to_contain_text("已完成")
    made.get_by_role("button", name="删除").click()
    page.get_by_role("tooltip").get_by_role("button", name="删除").click()
    expect(made).to_have_count(0)
    expect(page.locator("tr.ant-table-row:visible").filter(has_text="单位参保人员名单（")).to_contain_text("Excel")
