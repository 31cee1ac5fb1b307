"""批量增员 and 批量减员, clicked through: template, upload, faults, return file, confirmation."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from enrollment.demo import demo_people
from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_unit, log_in, open_page
from tests.support.hall import PASSWORD
from tests.support.people import resident_id
from tests.support.sheets import filled, leaver, newcomer, rows_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

UNIT_NAME = "甬江智造科技有限公司"


def _saved(page: Page, button: Locator, folder: Path) -> bytes:
    with page.expect_download() as saving:
        button.click()
    path = folder / saving.value.suggested_filename
    saving.value.save_as(path)
    return path.read_bytes()


def _upload(page: Page, folder: Path, name: str, content: bytes) -> Locator:
    """Uploads a file on the batch page that is shown; its result."""
    path = folder / name
    path.write_bytes(content)
    page.locator("input[type=file]").last.set_input_files(path)
    return page.get_by_role("region", name="批次结果")


def _counts(result: Locator, **expected: int) -> None:
    for label, number in expected.items():
        expect(result.locator(f"[data-count={label}]")).to_have_text(str(number))


def _filled_template(page: Page, folder: Path, people: Sequence[dict[str, Any]]) -> bytes:
    button = page.get_by_role("main").get_by_role("button", name="下载模板").locator("visible=true")
    return filled(_saved(page, button, folder), people)


def test_a_clerk_adds_and_removes_many_at_once(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor()
    log_in(page, "yongjiang", mode="法人登录")
    choose_unit(page, UNIT_NAME)
    open_page(page, "参保人员增员申报")
    page.get_by_role("button", name="批量增员").click()
    expect(page.get_by_role("heading", name="批量增员申报", level=1)).to_be_visible()

    number = resident_id()
    digit = "0" if number[-1] != "0" else "1"
    people = [newcomer(), newcomer(姓名="顾清源"), newcomer(证件号码=number[:-1] + digit, 民族="火星族")]
    result = _upload(page, tmp_path, "三月新进.xlsx", _filled_template(page, tmp_path, people))
    _counts(result, 总人数=3, 可提交=2, 有误=1)
    row = result.locator("tr.ant-table-row")
    expect(row).to_contain_text("第2列 证件号码：校验位不正确")
    expect(row).to_contain_text("第6列 民族：不在代码表中")
    expect(row).not_to_contain_text(number[6:14])
    back = rows_of(_saved(page, result.get_by_role("button", name="下载错误数据"), tmp_path))
    assert back[0]["错误原因"].startswith(f"第2列 证件号码：校验位不正确，末位应为 {number[-1]}")

    result.get_by_role("button", name="提交正常数据").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("提交 2 人的增员申报？")
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_be_hidden()
    expect(result).to_have_attribute("data-stage", "checked")  # 取消 changes nothing
    result.get_by_role("button", name="提交正常数据").click()
    dialog.get_by_role("button", name="提交", exact=True).click()
    expect(result).to_have_attribute("data-stage", "submitted")
    _counts(result, 总人数=3, 已提交=2, 有误=1)

    result.get_by_role("button", name="上传其他文件").click()
    result = _upload(page, tmp_path, "名单.csv", b"a,b\n")
    expect(page.get_by_text("“名单.csv”不是 .xlsx 文件")).to_be_visible()
    result = _upload(page, tmp_path, "名单.xlsx", "证件类型,证件号码\n".encode() * 50)
    expect(result).to_contain_text("这是文本文件（如 .csv）")
    history = page.get_by_role("region", name="批次记录")
    expect(history.locator("tr.ant-table-row").filter(has_text="三月新进.xlsx")).to_contain_text("已提交")

    open_page(page, "批量减员申报")
    employee = next(demo_people()).facts
    leaving = [leaver(employee.id_number, 姓名=employee.name), leaver(resident_id())]
    result = _upload(page, tmp_path, "离职.xlsx", _filled_template(page, tmp_path, leaving))
    _counts(result, 总人数=2)
    expect(result.locator("tr.ant-table-row").filter(has_text="不在本单位参保人员名单中")).to_have_count(1)
    result.get_by_role("button", name="提交正常数据").click()
    page.get_by_role("dialog").get_by_role("button", name="提交", exact=True).click()
    password = page.get_by_label("登录密码")
    password.fill(PASSWORD)
    password.press("Enter")
    expect(result).to_have_attribute("data-stage", "submitted")
    _counts(result, 已提交=1, 有误=1)
