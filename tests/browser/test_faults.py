"""What the pages do when something goes wrong: fields, sessions, tabs, the network."""

import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import Visitor
from tests.browser.hall_pages import (
    choose_mode,
    choose_unit,
    field,
    fill_insurance,
    fill_person,
    log_in,
    open_page,
    search_until,
    submit,
)
from tests.support.hall import SECOND_UNIT, UNIT
from tests.support.people import resident_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

UNIT_NAME, SECOND_NAME = "甬江智造科技有限公司", "甬江智造科技有限公司鄞州分部"


@pytest.fixture
def clerk(visitor: Visitor) -> Page:
    """An agent at work for a unit."""
    page = visitor()
    log_in(page, "jingban01")
    choose_unit(page, UNIT_NAME)
    return page


def _switch_elsewhere(page: Page, unit: str) -> None:
    """The session works for another unit from now on, and this tab isn't told."""
    status = page.evaluate(
        """async unit => (await fetch("/api/identity/sessions/current/unit", {
            method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({employer_no: unit}),
        })).status""",
        unit,
    )
    assert status == 200


def test_wrong_credentials_say_so_and_keep_the_username(visitor: Visitor) -> None:
    page = visitor()
    log_in(page, "nobody_at_all", password="wrong passphrase 1")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码")
    expect(page.get_by_label("用户名")).to_have_value("nobody_at_all")
    expect(page.get_by_label("密码")).to_have_value("")


def test_every_wrong_field_of_a_declaration_is_told_beside_it(clerk: Page) -> None:
    open_page(clerk, "参保人员增员申报")
    submit(clerk)
    expect(field(clerk, "姓名")).to_contain_text("请填写姓名")
    expect(clerk.get_by_label("证件号码")).to_be_focused()

    fill_person(clerk, resident_id(), "陆清和")
    fill_insurance(clerk)
    clerk.get_by_label("手机号码").fill("12345")
    clerk.get_by_label("月缴费工资（元）").fill("八千")
    clerk.get_by_label("邮政编码").fill("31")
    submit(clerk)
    expect(clerk.get_by_role("alert")).to_contain_text("有 3 处需要修改")
    for label in ("手机号码", "月缴费工资（元）", "邮政编码"):
        expect(field(clerk, label).locator(".ant-form-item-explain-error")).to_be_visible()
    expect(clerk.get_by_label("手机号码")).to_be_focused()
    expect(clerk.get_by_label("姓名", exact=True)).to_have_value("陆清和")  # nothing typed is lost

    clerk.get_by_role("button", name="重置").click()
    expect(clerk.get_by_label("姓名", exact=True)).to_have_value("")
    expect(clerk.get_by_label("出生日期")).to_have_value("")
    expect(clerk.locator(".ant-form-item-explain-error")).to_have_count(0)


def test_a_person_declared_twice_is_refused_with_the_reason(clerk: Page) -> None:
    number = resident_id()
    open_page(clerk, "参保人员增员申报")
    fill_person(clerk, number, "沈怀瑾")
    fill_insurance(clerk)
    submit(clerk)
    expect(clerk.get_by_text("已提交，等待经办机构审核")).to_be_visible()

    clerk.get_by_role("button", name="继续增员").click()
    fill_person(clerk, number, "沈怀瑾")
    fill_insurance(clerk)
    submit(clerk)
    expect(clerk.get_by_role("alert")).to_contain_text("尚未审核")

    open_page(clerk, "待审核数据")
    search_until(clerk, "沈怀瑾").get_by_role("button", name="详情 / 撤销").click()
    clerk.get_by_role("button", name="撤销申报").click()
    clerk.get_by_role("tooltip").get_by_role("button", name="撤销", exact=True).click()
    expect(clerk.get_by_text("已撤销").first).to_be_visible()
    expect(clerk.get_by_role("row").filter(has_text="沈怀瑾")).to_have_count(0)


def test_a_search_needs_what_the_page_asks_for(clerk: Page) -> None:
    open_page(clerk, "职工缴费明细")
    clerk.get_by_role("button", name="查询", exact=True).click()
    expect(clerk.get_by_role("alert")).to_contain_text("请输入证件号码或姓名")
    expect(clerk.get_by_role("main")).to_contain_text("尚未查询")


def test_tabs_keep_what_was_typed_and_ask_before_it_is_lost(clerk: Page) -> None:
    open_page(clerk, "参保人员增员申报")
    clerk.get_by_label("姓名", exact=True).fill("许半夏")
    open_page(clerk, "单位信息")
    clerk.get_by_role("tab", name="参保人员增员申报").click()
    expect(clerk.get_by_label("姓名", exact=True)).to_have_value("许半夏")

    closing = clerk.get_by_role("tab", name="参保人员增员申报").locator("..").get_by_role("button")
    closing.click()
    clerk.get_by_role("button", name="继续填写").click()
    expect(clerk.get_by_label("姓名", exact=True)).to_have_value("许半夏")
    closing.click()
    clerk.get_by_role("button", name="关闭", exact=True).click()
    expect(clerk.get_by_role("heading", name="单位信息", level=1)).to_be_visible()


def test_a_tab_of_another_unit_cannot_declare(clerk: Page) -> None:
    open_page(clerk, "参保人员增员申报")
    fill_person(clerk, resident_id(), "顾云舒")
    fill_insurance(clerk)
    _switch_elsewhere(clerk, SECOND_UNIT)
    submit(clerk)

    warning = clerk.get_by_role("dialog").filter(has_text="本页所属单位与当前办理单位不一致")
    expect(warning).to_contain_text(UNIT)
    expect(warning).to_contain_text(SECOND_NAME)
    warning.get_by_role("button", name="切换回本页单位").click()
    expect(warning).to_be_hidden()
    submit(clerk)  # what was typed is still there
    expect(clerk.get_by_text("已提交，等待经办机构审核")).to_be_visible()


def test_a_switch_in_one_tab_is_told_in_the_other(clerk: Page) -> None:
    open_page(clerk, "单位参保人员名单")
    other = clerk.context.new_page()
    other.goto("/hall")
    other.get_by_role("button", name=re.compile("切换单位")).click()
    choose_unit(other, SECOND_NAME)

    warning = clerk.get_by_role("dialog")
    expect(warning).to_contain_text(UNIT_NAME)
    warning.get_by_role("button", name=f"重新载入：{SECOND_NAME}").click()
    expect(clerk.get_by_role("button", name=f"当前单位：{SECOND_NAME}，切换单位")).to_be_visible()


def test_an_ended_session_leads_to_the_login_page_and_back_to_what_was_typed(clerk: Page) -> None:
    open_page(clerk, "参保人员增员申报")
    fill_person(clerk, resident_id(), "江疏影")
    fill_insurance(clerk)
    clerk.context.clear_cookies()
    submit(clerk)

    # The page that is being left says so as well, until the login page is there.
    expect(clerk.get_by_role("heading", name="登录单位网厅")).to_be_visible()
    expect(clerk.get_by_role("alert")).to_contain_text("请重新登录")
    choose_mode(clerk, "经办人登录")
    clerk.get_by_label("用户名").fill("jingban01")
    clerk.get_by_label("密码").fill("Yongjiang-demo-2026")
    clerk.get_by_role("button", name="登录", exact=True).click()
    choose_unit(clerk, UNIT_NAME)
    expect(clerk).to_have_url(re.compile("/hall/additions$"))
    expect(clerk.get_by_label("姓名", exact=True)).to_have_value("江疏影")
    submit(clerk)
    expect(clerk.get_by_text("已提交，等待经办机构审核")).to_be_visible()


def test_nobody_is_thrown_out_unwarned(visitor: Visitor) -> None:
    page = visitor()
    page.clock.install()
    log_in(page, "jingban01")
    choose_unit(page, UNIT_NAME)
    page.clock.fast_forward("13:30")
    warning = page.get_by_role("dialog").filter(has_text="即将自动退出")
    warning.get_by_role("button", name="继续使用").click()
    expect(warning).to_be_hidden()
    page.clock.fast_forward("15:30")
    expect(page).to_have_url(re.compile("/login$"))
    expect(page.get_by_role("alert")).to_contain_text("长时间没有操作")


def test_logging_out_in_one_tab_ends_the_other(clerk: Page) -> None:
    other = clerk.context.new_page()
    other.goto("/hall")
    other.get_by_role("button", name="账号菜单").click()
    other.get_by_role("menuitem", name="退出登录").click()
    expect(other.get_by_text("您已安全退出")).to_be_visible()
    expect(clerk.get_by_text("您已在其他页面退出登录")).to_be_visible()


def test_an_answer_lost_on_the_way_declares_nobody_twice(clerk: Page) -> None:
    keys: list[str | None] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/additions"):
            keys.append(request.headers.get("idempotency-key"))

    def lose(route: Route) -> None:
        route.fetch()  # the hall accepts it
        route.abort("connectionreset")

    open_page(clerk, "参保人员增员申报")
    fill_person(clerk, resident_id(), "叶知秋")
    fill_insurance(clerk)
    clerk.on("request", note)
    clerk.route("**/api/enrollment/additions", lose, times=1)
    submit(clerk)
    expect(clerk.get_by_role("alert")).to_contain_text("网络连接不通")
    expect(clerk.get_by_label("姓名", exact=True)).to_have_value("叶知秋")
    submit(clerk)
    expect(clerk.get_by_text("已提交，等待经办机构审核")).to_be_visible()
    assert len(keys) == 2
    assert keys[0] == keys[1]

    open_page(clerk, "待审核数据")
    search_until(clerk, "叶知秋")  # exactly one


def test_a_service_away_is_said_with_the_number_support_needs(clerk: Page) -> None:
    clerk.route(
        "**/api/enrollment/roster/searches",
        lambda route: route.fulfill(
            status=503,
            content_type="application/problem+json",
            body='{"code":"upstream_away","title":"服务暂时不可用","detail":"请稍后再试","status":503,"trace_id":"4bf92f3577b34da6"}',
        ),
    )
    open_page(clerk, "单位参保人员名单")
    expect(clerk.get_by_role("alert")).to_contain_text("4bf92f3577b34da6")
    clerk.unroute_all()
    clerk.get_by_role("alert").get_by_role("button", name="重试").click()
    expect(clerk.get_by_role("main").locator("tr.ant-table-row:visible").first).to_be_visible()


def test_a_clerk_has_no_business_at_the_agency(clerk: Page) -> None:
    clerk.goto("/agency")
    expect(clerk).to_have_url(re.compile("/hall$"))


def test_an_unknown_document_is_not_confirmed(visitor: Visitor) -> None:
    page = visitor()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/verify")
    page.get_by_label("校验码").fill("aaaaa-aaaaa-aaaaa-aaaaa-aaaa")
    page.get_by_role("button", name="核验", exact=True).click()
    expect(page.get_by_text("校验码共 25 位")).to_be_visible()
    page.get_by_label("校验码").fill("aaaaa aaaaa aaaaa aaaaa aaaao")
    page.get_by_role("button", name="核验", exact=True).click()
    expect(page).to_have_url(re.compile("/verify/AAAAA-AAAAA-AAAAA-AAAAA-AAAA0$"))
    expect(page.get_by_text("没有查到这份证明")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
