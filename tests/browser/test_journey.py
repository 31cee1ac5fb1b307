"""The first journey, clicked through: from registering a unit's account to a verified certificate."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.hall_pages import (
    choose_unit,
    field,
    fill_insurance,
    fill_person,
    follow,
    log_in,
    open_page,
    search_until,
    submit,
)
from tests.support.hall import SCHOOL
from tests.support.people import resident_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SCHOOL_NAME, SCHOOL_USCC = "宁波市海曙区示范小学", "12330200419500123Q"
USERNAME, PASSPHRASE = "shifan_xiaoxue", "甬江潮起 归帆三月 渔歌唱晚 2026"
NEWCOMER = "苏青禾"


def test_a_newcomer_registers_declares_an_employee_and_prints_a_certificate(visitor: Visitor) -> None:
    clerk, reviewer, operator, holder = visitor(moving=True), visitor(), visitor(), visitor()
    number = resident_id(male=False)

    _register(clerk)
    clerk.get_by_role("button", name="去登录").click()
    expect(clerk.get_by_role("tab", name="法人登录")).to_have_attribute("aria-selected", "true")
    clerk.get_by_label("密码").fill(PASSPHRASE)
    clerk.get_by_role("button", name="登录", exact=True).click()
    choose_unit(clerk, SCHOOL_NAME)
    expect(clerk.get_by_text(f"单位编号 {SCHOOL}")).to_be_visible()

    application = _declare(clerk, number)
    _approve(reviewer, application)

    open_page(clerk, "已审核数据")
    row = search_until(clerk, application)
    expect(row).to_contain_text("审核通过")
    row.get_by_role("button", name="详情").click()
    expect(clerk.get_by_role("dialog")).to_contain_text(NEWCOMER)
    clerk.keyboard.press("Escape")

    open_page(clerk, "单位参保人员名单")
    clerk.get_by_label("证件号码").last.fill(number)
    row = search_until(clerk, NEWCOMER)
    expect(row).to_contain_text(f"{number[:6]}********{number[-4:]}")
    row.get_by_role("button", name="详情").click()
    clerk.get_by_role("tab", name="参保信息").click()
    expect(clerk.get_by_role("dialog")).to_contain_text("职工基本医疗保险")
    clerk.keyboard.press("Escape")

    _assess(operator, "2026-03")
    open_page(clerk, "职工缴费明细")
    clerk.get_by_label("证件号码").last.fill(number)
    search_until(clerk, NEWCOMER).get_by_role("button", name="查看缴费明细").click()
    ledger = clerk.get_by_role("dialog")
    expect(ledger.locator("tr.ant-table-row").filter(has_text="职工基本医疗保险")).to_contain_text("8,200.00")
    clerk.keyboard.press("Escape")

    code = _certificate(clerk, number)
    holder.goto(f"/verify/{code}")
    expect(holder.get_by_text("证明真实有效")).to_be_visible()
    expect(holder.get_by_role("main")).to_contain_text(SCHOOL_NAME)
    expect(holder.get_by_role("main")).not_to_contain_text(NEWCOMER)  # masked
    assert number not in clerk.url

    open_page(clerk, "报表中心")
    expect(clerk.get_by_role("row").filter(has_text="参保证明").first).to_contain_text("已完成")


def _register(page: Page) -> None:
    page.goto("/")
    follow(page, "立即注册", "注册账号")
    page.get_by_label("统一社会信用代码").fill(SCHOOL_USCC.lower())
    page.get_by_label("单位名称").fill("海曙区示范小学")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("alert")).to_be_visible()  # the register knows it under another name
    page.get_by_label("单位名称").fill(SCHOOL_NAME)
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text(f"单位核对通过：{SCHOOL_NAME}")).to_be_visible()

    page.get_by_label("法人姓名").fill("陈守拙")
    page.get_by_label("身份证号码").fill(resident_id())
    page.get_by_label("手机号码").fill("13957400001")
    page.get_by_role("button", name="获取验证码").click()
    inbox = page.locator(".ant-alert").filter(has_text="演示短信")
    expect(inbox).to_be_visible()
    again = inbox.get_by_role("button", name="再看一次")
    if again.is_visible():
        again.click()
    inbox.get_by_role("button", name="填入验证码").click()
    page.get_by_role("button", name="下一步").click()

    page.get_by_label("用户名").fill(USERNAME)
    page.get_by_label("密码", exact=True).fill("123456")
    page.get_by_label("再次输入密码").fill("123456")
    page.get_by_role("button", name="完成注册").click()
    expect(field(page, "密码")).to_contain_text("密码至少15位")
    page.get_by_label("密码", exact=True).fill(PASSPHRASE)
    page.get_by_label("再次输入密码").fill(PASSPHRASE)
    page.get_by_role("button", name="完成注册").click()
    expect(page.get_by_text("注册完成", exact=True)).to_be_visible()


def _declare(page: Page, number: str) -> str:
    open_page(page, "参保人员增员申报")
    wrong = number[:17] + ("1" if number[17] != "1" else "2")
    fill_person(page, wrong, NEWCOMER)
    expect(field(page, "证件号码")).to_contain_text("校验位")
    page.get_by_label("证件号码").fill(number)
    expect(page.get_by_label("出生日期")).to_have_value(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    expect(page.get_by_role("radio", name="女")).to_be_checked()
    fill_insurance(page)
    submit(page)
    expect(page.get_by_text("已提交，等待经办机构审核")).to_be_visible()
    return page.get_by_test_id("application-no").inner_text()


def _approve(page: Page, application: str) -> None:
    log_in(page, "shenhe01", mode="工作人员")
    open_page(page, "审核工作台")
    row = page.get_by_role("row").filter(has_text=application)
    expect(row).to_contain_text(SCHOOL_NAME)
    row.get_by_role("button", name="审核", exact=True).click()
    desk = page.get_by_role("dialog")
    expect(desk.get_by_role("region", name="系统核对结果").get_by_label("通过").first).to_be_visible()
    expect(desk.get_by_role("region", name="审核通过后的变化")).to_contain_text("职工基本医疗保险")
    desk.get_by_role("button", name="审核通过", exact=True).click()
    expect(page.get_by_text("已审核通过")).to_be_visible()
    expect(row).to_have_count(0)


def _assess(page: Page, month: str) -> None:
    log_in(page, "guanli01", mode="工作人员")
    open_page(page, "缴费核定")
    page.get_by_role("button", name="核定一个月份").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("费款所属期").fill(month)
    page.locator(".ant-picker-cell-selected:visible").click()
    dialog.get_by_role("button", name="开始核定").click()
    expect(dialog).to_contain_text("核定完成")
    dialog.get_by_role("button", name="关闭").last.click()


def _certificate(page: Page, number: str) -> str:
    open_page(page, "职工参保证明")
    page.get_by_label("证件号码").last.fill(number)
    row = search_until(page, NEWCOMER)
    row.get_by_role("button", name="查看").click()
    viewer = page.get_by_role("dialog")
    expect(viewer.locator("iframe")).to_have_attribute("src", re.compile("^blob:"))
    code = viewer.locator("code").inner_text()
    assert re.fullmatch(r"([0-9A-Z]{5}-){4}[0-9A-Z]{5}", code)
    with page.expect_download() as download:
        viewer.get_by_role("link", name="下载").click()
    assert download.value.suggested_filename.endswith(".pdf")
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    page.keyboard.press("Escape")
    return code
