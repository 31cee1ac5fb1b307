"""Pages as aids for reading and typing find them: names, roles, contrast, by the rules of axe-core."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_unit, log_in, open_page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

AXE = Path(__file__).parents[2] / "gateway/web/node_modules/axe-core/axe.min.js"
NOT_OURS = ("aria-required-children",)
"""Ant Design puts the button that closes a tab into the list of tabs; it has a name and can be reached by keyboard."""
_LOOK = """
async (notOurs) => {
    const rules = Object.fromEntries(notOurs.map((rule) => [rule, { enabled: false }]));
    const found = await axe.run(document, { rules, resultTypes: ["violations"] });
    return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}`));
}
"""


def _faults(page: Page) -> list[str]:
    expect(page.locator("[aria-busy=true]:visible, .ant-spin-spinning:visible, .ant-skeleton:visible")).to_have_count(0)
    return [str(fault) for fault in page.evaluate(_LOOK, NOT_OURS)]


def _faults_of_every_page(page: Page) -> list[str]:
    """Faults of each page in the menu, all together, so that one run tells of all pages."""
    entries = page.get_by_role("menuitem")
    # Groups have entries of their own; the first entry is the page that is open.
    titles = [entry.inner_text() for entry in entries.all() if entry.get_attribute("aria-expanded") is None][1:]
    assert titles
    found = {"首页": _faults(page)}
    for title in titles:
        open_page(page, title)
        found[title] = _faults(page)
    return [f"{title}: {fault}" for title, faults in found.items() for fault in faults]


@pytest.fixture
def reader(visitor: Visitor) -> Page:
    """A visitor whose every page has axe-core in it."""
    page = visitor()
    page.add_init_script(path=AXE)
    return page


@pytest.mark.parametrize("path", ["/login", "/register", "/staff/login", "/verify", "/nowhere"])
def test_the_entrance(reader: Page, path: str) -> None:
    reader.goto(path)
    expect(reader.get_by_role("heading", level=1)).to_be_visible()
    assert _faults(reader) == []


def test_the_hall(reader: Page) -> None:
    log_in(reader, "yongjiang", mode="法人登录")
    expect(reader.get_by_role("heading", name="选择办理业务的单位")).to_be_visible()
    assert _faults(reader) == []
    choose_unit(reader, "甬江智造科技有限公司")
    faults = _faults_of_every_page(reader)
    assert not faults, "\n".join(faults)


def test_what_opens_over_a_page(reader: Page) -> None:
    log_in(reader, "jingban01")
    choose_unit(reader, "甬江智造科技有限公司")
    open_page(reader, "我的授权")
    faults = _faults(reader)
    open_page(reader, "单位参保人员名单").get_by_role("button", name="详情").first.click()
    expect(reader.get_by_role("dialog").get_by_role("table").first).to_be_visible()
    faults += _faults(reader)
    reader.keyboard.press("Escape")
    reader.get_by_role("button", name="账号菜单").click()
    reader.get_by_role("menuitem", name="个人中心").last.click()
    reader.get_by_role("button", name="修改密码").click()
    expect(reader.get_by_role("dialog", name="修改密码")).to_be_visible()
    faults += _faults(reader)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("username", "mode"), [("geren01", "个人登录"), ("guanli01", "工作人员"), ("shenhe01", "工作人员")]
)
def test_the_other_entrances(reader: Page, username: str, mode: str) -> None:
    log_in(reader, username, mode=mode)
    expect(reader.get_by_role("button", name="账号菜单")).to_be_visible()
    faults = _faults_of_every_page(reader)
    assert not faults, "\n".join(faults)
