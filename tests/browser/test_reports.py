"""Exports and documents: from the look-up page to the file, for many at once, and the report centre afterwards."""

import re
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_unit, log_in, open_page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

UNIT_NAME = "甬江智造科技有限公司"
# A print dialogue would wait for somebody; what counts is that the browser is asked for one, of the loaded document.
COUNT_PRINTS = """
window.printed = 0;
const dialogue = { focus() {}, print() { window.printed += 1; } };
Object.defineProperty(HTMLIFrameElement.prototype, "contentWindow", { get: () => dialogue });
"""


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


def test_documents_are_printed_and_made_again(visitor: Visitor) -> None:
    page = visitor()
    page.add_init_script(COUNT_PRINTS)
    log_in(page, "jingban01")
    choose_unit(page, UNIT_NAME)
    _print(page, "单位缴费查询打印", "打印所选期间", "单位缴费证明（")
    _print(page, "单位参保人员缴费查询打印", "打印全部人员", "单位参保人员缴费明细表（")
    _print(page, "单位参保人员名单", "打印花名册", "参保人员花名册（")
    assert page.evaluate("window.printed") == 3

    open_page(page, "报表中心")
    made = page.locator("tr.ant-table-row:visible").filter(has_text="参保人员花名册（")
    expect(made).to_have_count(1)
    made.get_by_role("button", name="重新生成").click()
    _close_viewer(page, "参保人员花名册（")
    expect(made).to_have_count(2)
    assert page.evaluate("window.printed") == 3  # it was to be shown, not printed


def test_what_is_made_behind_a_closed_window_is_told(visitor: Visitor) -> None:
    page = visitor()
    log_in(page, "jingban01")
    choose_unit(page, UNIT_NAME)
    open_page(page, "单位缴费查询打印")
    page.get_by_role("button", name="查询", exact=True).locator("visible=true").click()
    held: list[Route] = []

    def at_once(route: Route) -> None:
        route.continue_(headers={name: value for name, value in route.request.headers.items() if name != "prefer"})

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/reporting/reports", at_once)
    page.route("**/api/reporting/reports/*/events", hold)
    page.get_by_role("button", name="下载所选期间").click()
    window = page.get_by_role("dialog").filter(has_text="正在生成")
    expect(window).to_contain_text("完成后会在页面上提示")
    page.unroute("**/api/reporting/reports/*/events")
    page.keyboard.press("Escape")
    open_page(page, "职工缴费明细")
    told = page.get_by_role("alert").filter(has_text="报表已生成")
    expect(told).to_contain_text("单位缴费证明（")
    told.get_by_role("button", name="去报表中心").click()
    expect(page.get_by_role("heading", name="报表中心", level=1)).to_be_visible()
    expect(page.locator("tr.ant-table-row:visible").filter(has_text="单位缴费证明（").first).to_contain_text("已完成")


def _print(page: Page, title: str, button: str, document: str) -> None:
    """From its page to the print dialogue."""
    open_page(page, title)
    before = page.evaluate("window.printed")
    page.get_by_role("button", name="查询", exact=True).locator("visible=true").click()
    page.get_by_role("button", name=button).click()
    page.wait_for_function("before => window.printed === before + 1", arg=before)
    _close_viewer(page, document)


def _close_viewer(page: Page, document: str) -> None:
    viewer = page.get_by_role("dialog").filter(has_text=document)
    expect(viewer.locator("iframe")).to_have_attribute("src", re.compile("^blob:"))
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
