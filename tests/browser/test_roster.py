"""单位参保人员名单: searching, the detail in three modules, full numbers on demand, a list too long to be counted."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_unit, log_in, open_page, prove

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

UNIT_NAME = "甬江智造科技有限公司"


@pytest.fixture
def clerk(visitor: Visitor) -> Page:
    """An agent who has opened the roster of a unit."""
    page = visitor()
    log_in(page, "jingban01")
    choose_unit(page, UNIT_NAME)
    open_page(page, "单位参保人员名单")
    return page


def _rows(page: Page) -> Any:
    return page.get_by_role("main").locator("tr.ant-table-row:visible")


def test_from_a_search_to_the_full_number_and_back(clerk: Page) -> None:
    expect(_rows(clerk)).to_have_count(20)  # an empty search lists all
    name = _rows(clerk).first.locator("td").first.inner_text()
    clerk.get_by_label("姓名").fill(name[:2])
    clerk.get_by_role("button", name="查询", exact=True).click()
    expect(_rows(clerk).first).to_contain_text(name[:2])
    masked = _rows(clerk).first.locator("td").nth(1).inner_text()
    _rows(clerk).first.get_by_role("button", name="详情").click()

    drawer = clerk.get_by_role("dialog").filter(has_text="参保人员信息")
    expect(drawer).to_contain_text(masked)
    drawer.get_by_role("button", name="显示完整证件号码").click()
    prove(clerk)
    hide = drawer.get_by_role("button", name="隐藏证件号码")
    expect(hide).to_be_visible()
    full = re.compile(re.escape(masked).replace(r"\*", "[0-9]"))
    expect(drawer.get_by_text(full)).to_be_visible()
    hide.click()
    expect(drawer.get_by_text(full)).to_have_count(0)
    expect(drawer).to_contain_text(masked)

    drawer.get_by_role("tab", name="联系信息").click()
    drawer.get_by_role("button", name="显示完整手机号码").click()  # not asked again
    expect(drawer.get_by_text(re.compile("1[3-9][0-9]{9}"))).to_be_visible()
    drawer.get_by_role("tab", name="参保信息").click()
    expect(drawer).to_contain_text("正常参保")
    expect(drawer.get_by_role("table").last).to_contain_text("职工基本医疗保险")
    clerk.keyboard.press("Escape")

    clerk.get_by_role("button", name="重置").click()
    expect(clerk.get_by_label("姓名")).to_have_value("")
    expect(_rows(clerk)).to_have_count(20)


def test_a_list_too_long_to_be_counted_is_paged_step_by_step(clerk: Page) -> None:
    """The demo has no such unit: the answers are made up here, page after page by what is asked for."""
    asked: list[dict[str, Any]] = []

    def answer(route: Route) -> None:
        wanted = json.loads(route.request.post_data or "{}")
        asked.append(wanted)
        number = {None: 1, "second": 2, "third": 3}[wanted.get("after")]
        person = {
            "person_id": f"018f0000-0000-7000-8000-00000000000{number}",
            "name": f"第{'一二三'[number - 1]}页的人",
            "id_number_masked": "330203********1234",
            "sex": "1",
            "start_month": "2025-01",
            "stop_month": None,
            "status": "1",
            "insurances": ["310"],
            "monthly_wage": "6000.00",
        }
        first = number == 1
        listing = {
            "items": [person],
            "total": 10_000 if first else None,
            "more_than_total": True if first else None,
            "next": {1: "second", 2: "third", 3: None}[number],
        }
        route.fulfill(json=listing)

    clerk.route("**/api/enrollment/roster/searches", answer)
    clerk.get_by_role("button", name="查询", exact=True).click()
    pager = clerk.get_by_role("navigation", name="翻页")
    back, on = (pager.get_by_role("button", name=name) for name in ("上一页", "下一页"))
    expect(clerk.get_by_role("status").filter(has_text="多于 10000 条")).to_be_visible()
    expect(back).to_be_disabled()
    for number in "二三":
        on.click()
        expect(_rows(clerk)).to_contain_text(f"第{number}页的人")
    expect(on).to_be_disabled()
    expect(clerk.get_by_role("status").filter(has_text="多于 10000 条")).to_be_visible()
    back.click()
    expect(_rows(clerk)).to_contain_text("第二页的人")
    expect(pager).to_contain_text("第 2 页")
    assert [wanted.get("after") for wanted in asked][:3] == [None, "second", "third"]
    clerk.unroute_all()
