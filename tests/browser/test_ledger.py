"""The ledger on the pages: rates with four eyes, assessment, receipts, what a clerk sees of it, and the audit log."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_unit, log_in, open_page, pick
from tests.support.hall import UNIT
from tests.support.sheets import rows_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

UNIT_NAME = "甬江智造科技有限公司"
HEADINGS = "单位编号,单位名称,费款所属期,险种类型,到账金额,到账日期,缴款流水号"


def _operator(visitor: Visitor, username: str) -> Page:
    page = visitor()
    log_in(page, username, mode="工作人员")
    return page


def test_rates_assessment_receipts_and_what_a_clerk_sees(visitor: Visitor) -> None:
    first = _operator(visitor, "guanli01")
    open_page(first, "费率与基数")
    first.get_by_role("button", name="提出费率调整").click()
    form = first.get_by_role("dialog", name="提出费率调整")
    form.get_by_role("button", name="提交", exact=True).click()
    expect(form.get_by_text("请选择险种类型")).to_be_visible()
    pick(first, "险种类型", "生育保险")
    pick(first, "单位类型", "企业")
    form.get_by_label("执行起始月").fill("2026-03")
    form.get_by_label("执行起始月").press("Enter")
    form.get_by_label("单位费率（%）").fill("1")
    form.get_by_label("个人费率（%）").fill("0")
    form.get_by_label("依据").fill("示例文件2026年3号")
    form.get_by_role("button", name="提交", exact=True).click()
    expect(form).to_be_hidden()
    first.get_by_role("tab", name="调整与审批").click()
    proposed = first.get_by_role("row").filter(has_text="生育保险（企业）：单位 1%，个人 0%")
    expect(proposed.get_by_role("button", name="撤回")).to_be_visible()
    expect(proposed.get_by_role("button", name="同意", exact=True)).to_have_count(0)

    second = _operator(visitor, "guanli02")
    open_page(second, "费率与基数")
    second.get_by_role("tab", name="调整与审批").click()
    second.get_by_role("row").filter(has_text="生育保险").get_by_role("button", name="同意", exact=True).click()
    second.get_by_role("dialog").get_by_role("button", name="同意", exact=True).click()
    expect(second.get_by_role("row").filter(has_text="生育保险").get_by_text("已执行")).to_be_visible()

    open_page(second, "缴费核定")
    second.get_by_role("button", name="核定一个月份").click()
    run = second.get_by_role("dialog", name="核定一个月份")
    run.get_by_label("费款所属期").fill("2026-03")
    second.locator(".ant-picker-cell-selected:visible").click()  # Enter may send the form by itself
    run.get_by_role("button", name="开始核定").click()
    expect(run.get_by_text("核定完成")).to_be_visible()
    run.get_by_role("button", name="关闭", exact=True).last.click()

    clerk = visitor()
    log_in(clerk, "jingban01")
    choose_unit(clerk, UNIT_NAME)
    months = open_page(clerk, "单位缴费明细")
    maternity = months.get_by_role("row").filter(has_text="202603").filter(has_text="生育保险")
    expect(maternity.get_by_text("未到账")).to_be_visible()
    owed = maternity.get_by_role("cell").nth(6).inner_text().replace(",", "")

    open_page(first, "到账导入")
    lines = [
        f"{UNIT},{UNIT_NAME},202603,510 生育保险,{owed},2026-03-09,SP-1",
        f"{UNIT},{UNIT_NAME},202603,310,0.01,2026-03-09,SP-2",
        "330200000000009999,不在册的单位,202603,310,5.00,2026-03-09,SP-3",
        f"{UNIT},{UNIT_NAME},202613,310,x,2026-03-09,SP-4",
    ]
    file: FilePayload = {"name": "到账.csv", "mimeType": "text/csv", "buffer": "\n".join([HEADINGS, *lines]).encode()}
    first.locator("input[type=file]").set_input_files(file)
    found = first.get_by_role("region", name="到账批次", exact=True)
    expect(found.get_by_text("待入账")).to_be_visible()
    for name in ("全额到账", "部分到账", "未匹配", "有误"):
        expect(found.locator(f"[data-count={name}]")).to_have_text("1")
    found.get_by_role("region", name="到账明细行").get_by_text("有误").click()
    expect(found.get_by_text("应为 YYYYMM 格式的月份，如 202603")).to_be_visible()
    with first.expect_download() as saving:
        found.get_by_role("button", name="下载错误数据").click()
    assert saving.value.suggested_filename == "到账-错误数据.xlsx"
    (faulty,) = rows_of(Path(saving.value.path()).read_bytes())
    assert faulty["错误原因"].startswith("第3列 费款所属期：应为 YYYYMM 格式的月份")
    found.get_by_role("button", name="确认入账").click()
    first.get_by_role("dialog").get_by_role("button", name="确认入账").click()
    expect(found.get_by_text("已入账")).to_be_visible()
    found.get_by_role("button", name="上传其他文件").click()
    first.locator("input[type=file]").set_input_files(file)
    expect(found.get_by_text("已入账")).to_be_visible()  # the same file is the same import

    months.get_by_role("button", name="查询", exact=True).click()
    expect(maternity.get_by_text("已到账")).to_be_visible()
    maternity.get_by_role("button", name="详情").click()
    detail = clerk.get_by_role("dialog", name="缴费明细：202603 生育保险")
    expect(detail.get_by_text("SP-1")).to_be_visible()
    expect(detail.get_by_role("region", name="人员明细").locator("tr.ant-table-row").first).not_to_contain_text("—（")

    open_page(first, "审计查询")
    first.get_by_role("main").get_by_role("button", name="查询", exact=True).click()
    first.get_by_role("row").filter(has_text="确认入账").first.get_by_role("button", name="详情").click()
    entry = first.get_by_role("dialog", name="审计记录")
    expect(entry.get_by_text("沈启元（经办管理员）")).to_be_visible()
    entry.get_by_role("button", name="校验这条链").click()
    check = first.get_by_role("dialog", name="校验审计链")
    check.get_by_role("button", name="开始校验").click()
    expect(check.get_by_text("单位服务：").first).to_contain_text("条记录完整无误")


def test_an_employer_is_opened_switched_and_closed(visitor: Visitor) -> None:
    operator = _operator(visitor, "guanli01")
    open_page(operator, "单位管理")
    operator.get_by_role("button", name="单位开户").click()
    form = operator.get_by_role("dialog", name="单位开户")
    pick(operator, "单位类型", "虚拟单位")
    form.get_by_label("单位编号").fill("330200000000000701")
    form.get_by_label("虚拟单位代码").fill("91330200MA2A0B1C3J")
    form.get_by_label("单位名称").fill("灵活就业示范虚拟单位")
    form.get_by_label("参保日期").fill("2026-03-01")
    form.get_by_label("参保日期").press("Enter")
    for label, text in (("法人姓名", "示范经办"), ("法人电话", "13805740701"), ("联系人", "示范经办")):
        form.get_by_label(label, exact=True).fill(text)
    form.get_by_label("联系电话").fill("0574-87000701")
    form.get_by_label("通讯地址").fill("宁波市鄞州区示范路701号")
    form.get_by_label("注册地址").fill("宁波市鄞州区示范路701号")
    form.get_by_role("button", name="提交", exact=True).click()
    expect(form.get_by_text("虚拟单位代码不能是有效的统一社会信用代码")).to_be_visible()
    form.get_by_label("虚拟单位代码").fill("330200XNDW00000701")
    form.get_by_role("button", name="提交", exact=True).click()
    expect(form).to_be_hidden()
    opened = operator.get_by_role("row").filter(has_text="灵活就业示范虚拟单位")
    expect(opened.get_by_text("在保")).to_be_visible()

    open_page(operator, "单位类型")
    operator.get_by_role("switch", name="虚拟单位网上申报").click()
    operator.get_by_role("dialog").get_by_role("button", name="确认更改").click()
    expect(operator.get_by_role("switch", name="虚拟单位网上申报")).to_be_checked()

    open_page(operator, "单位管理")
    operator.get_by_role("main").get_by_role("button", name="查询", exact=True).click()
    expect(opened.get_by_text("已开通")).to_be_visible()
    opened.get_by_role("button", name="注销").click()
    closing = operator.get_by_role("dialog", name="注销单位：灵活就业示范虚拟单位")
    closing.get_by_label("原因").fill("登记有误")
    closing.get_by_role("button", name="注销", exact=True).click()
    expect(opened.get_by_text("已注销")).to_be_visible()
    crowded = operator.get_by_role("row").filter(has_text="四明山文化交流协会")
    crowded.get_by_role("button", name="注销").click()
    refused = operator.get_by_role("dialog", name="注销单位：四明山文化交流协会")
    refused.get_by_label("原因").fill("试一试")
    refused.get_by_role("button", name="注销", exact=True).click()
    expect(refused.get_by_role("alert")).to_contain_text("请先办理减员")
