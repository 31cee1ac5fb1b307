"""The pages about the unit's own people: what a declaration costs, 减员申报, 参保人员信息维护."""

import pytest
from playwright.sync_api import Page, Route, expect

from enrollment.demo import demo_people
from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_unit, field, fill_insurance, log_in, open_page, pick, search_until
from tests.support.people import resident_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

UNIT_NAME = "甬江智造科技有限公司"
_EMPLOYEES = demo_people()  # the first ones are insured with this unit
LEAVER, MOVER = next(_EMPLOYEES).facts, next(_EMPLOYEES).facts


def _clerk(visitor: Visitor) -> Page:
    page = visitor()
    log_in(page, "jingban01")
    choose_unit(page, UNIT_NAME)
    return page


def test_what_a_declaration_costs_and_a_look_up_that_fails(visitor: Visitor) -> None:
    clerk = _clerk(visitor)
    open_page(clerk, "参保人员增员申报")
    number = resident_id()

    def away(route: Route) -> None:
        route.fulfill(status=503, json={"code": "try_again", "title": "系统繁忙", "detail": "系统暂时繁忙。"})

    clerk.route("**/people/lookups", away)
    clerk.get_by_label("证件号码").fill(number)
    expect(clerk.get_by_role("alert")).to_contain_text("暂时无法核对该证件号码")
    clerk.get_by_role("radiogroup", name="性别").get_by_text("女").click()  # not stuck: typed by hand
    clerk.unroute("**/people/lookups")
    clerk.get_by_role("button", name="重试").click()
    expect(clerk.get_by_label("出生日期")).to_have_value(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    expect(clerk.get_by_role("radio", name="男")).to_be_checked()
    expect(clerk.locator(".ant-select", has_text="新参保")).to_be_visible()

    clerk.get_by_label("证件号码").fill("933840198810050010")
    expect(field(clerk, "证件类型")).to_contain_text("外国人永久居留证")
    expect(clerk.get_by_label("出生日期")).to_have_value("")  # what the other number held is gone
    expect(clerk.locator(".ant-select", has_text="新参保")).to_have_count(0)

    cost = clerk.get_by_role("region", name="费用测算")
    expect(cost).to_contain_text("选择参保月份")
    fill_insurance(clerk)
    # 8200: 8.5 % 697.00 + 0.7 % 57.40 by the employer, 2 % 164.00 + 8.00 by the person
    expect(cost.get_by_test_id("cost-total")).to_have_text("926.40")
    clerk.get_by_label("月缴费工资（元）").fill("3200")
    expect(cost).to_contain_text("低于缴费基数下限")
    expect(cost).to_contain_text("5,100.00")
    expect(cost.get_by_test_id("cost-total")).to_have_text("579.20")  # 433.50 + 35.70 + 102.00 + 8.00
    pick(clerk, "人员类别", "退休")
    expect(cost).to_contain_text("退休人员不缴费")


def test_somebody_leaves(visitor: Visitor) -> None:
    clerk = _clerk(visitor)
    open_page(clerk, "参保人员减员申报")
    clerk.get_by_role("button", name="查询", exact=True).click()
    expect(clerk.get_by_role("main")).to_contain_text("查询条件必须输入证件号码或姓名")

    clerk.get_by_label("证件号码").fill(LEAVER.id_number)
    row = search_until(clerk, LEAVER.name)
    row.get_by_role("button", name="减员申报").click()
    dialog = clerk.get_by_role("dialog", name="人员信息")
    expect(dialog).to_contain_text(f"{LEAVER.id_number[:6]}********{LEAVER.id_number[-4:]}")
    dialog.get_by_role("button", name="提交", exact=True).click()
    expect(dialog).to_contain_text("请选择停保原因")
    pick(clerk, "停保原因", "死亡")
    expect(dialog).to_contain_text("死亡日期")
    dialog.get_by_role("button", name="取消").click()  # changes nothing
    expect(dialog).to_be_hidden()

    search_until(clerk, LEAVER.name).get_by_role("button", name="减员申报").click()
    pick(clerk, "停保原因", "其他")
    dialog.get_by_role("button", name="提交", exact=True).click()
    expect(dialog).to_contain_text("请填写备注")
    dialog.get_by_label("备注").fill("借调期满")
    expect(dialog).to_contain_text("职工待遇保留至 2026-03-31")
    dialog.get_by_role("button", name="提交", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(search_until(clerk, LEAVER.name)).to_contain_text("减员待审核")

    open_page(clerk, "待审核数据")
    expect(search_until(clerk, LEAVER.name)).to_contain_text("减员")


def test_household_and_contact_data_are_kept_up_to_date(visitor: Visitor) -> None:
    first, second = _clerk(visitor), _clerk(visitor)
    dialogs = []
    for page in (first, second):
        open_page(page, "参保人员信息维护")
        page.get_by_label("证件号码").fill(MOVER.id_number)
        search_until(page, MOVER.name).get_by_role("button", name="编辑").click()
        dialog = page.get_by_role("dialog", name="人员基础信息")
        expect(dialog.get_by_label("联系地址")).to_have_value(MOVER.contact_address)
        dialogs.append(dialog)
    mine, theirs = dialogs

    mine.get_by_label("手机号码").fill("12345")
    mine.get_by_role("button", name="提交", exact=True).click()
    expect(field(first, "手机号码")).to_contain_text("手机号码应为1开头的11位数字")
    mine.get_by_label("手机号码").fill("")
    mine.get_by_label("联系地址").fill("宁波市鄞州区示范路2号")
    mine.get_by_role("button", name="提交", exact=True).click()
    expect(mine).to_be_hidden()

    theirs.get_by_label("联系地址").fill("宁波市江北区示范路3号")
    theirs.get_by_role("button", name="提交", exact=True).click()
    expect(theirs).to_contain_text("已被更新")
    theirs.get_by_role("button", name="载入最新内容").click()
    expect(theirs.get_by_label("联系地址")).to_have_value("宁波市鄞州区示范路2号")
    theirs.get_by_role("button", name="取消").click()
    expect(theirs).to_be_hidden()

    search_until(first, MOVER.name).get_by_role("button", name="变更记录").click()
    history = first.get_by_role("dialog")
    expect(history).to_contain_text(MOVER.contact_address)
    expect(history).to_contain_text("宁波市鄞州区示范路2号")
    expect(history).to_contain_text("本人办理")
    expect(history.locator("tr.ant-table-row")).to_have_count(1)  # the second clerk's was not saved
