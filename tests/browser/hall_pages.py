"""What a person does on the pages, in the words of the pages."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.support.hall import PASSWORD, staff_cookies


def log_in(page: Page, username: str, *, mode: str = "经办人登录", password: str = PASSWORD) -> None:
    """From anywhere to signed in. `mode` is the tab of the login page, or 工作人员 for the agency's entrance."""
    page.goto("/staff/login" if mode == "工作人员" else "/login")
    if mode != "工作人员":
        choose_mode(page, mode)
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_label("密码").press("Enter")
    if mode == "工作人员":
        _second_factor(page, username)


def choose_mode(page: Page, mode: str) -> None:
    """A tab of the login page. Every tab has the same fields: those that follow have to be this one's."""
    page.get_by_role("tab", name=mode).click()
    expect(page.get_by_role("tab", name=mode)).to_have_attribute("aria-selected", "true")


def follow(page: Page, link: str, heading: str) -> None:
    """A link to another page of the hall. The old page stays until the new one is loaded, with fields of the same
    labels: nothing is filled in before the new page's heading is there."""
    page.get_by_role("link", name=link).click()
    expect(page.get_by_role("heading", name=heading, level=1, exact=True)).to_be_visible()


def _second_factor(page: Page, username: str) -> None:
    """The dynamic code, as the demo's stand-in for an authenticator app shows it."""
    expect(page.get_by_label("动态口令")).to_be_visible()
    fill = page.get_by_role("button", name="填入口令")
    expect(fill.or_(page.get_by_text("请等待下一个口令"))).to_be_visible()
    hall = page.url.partition("/staff")[0]
    if fill.is_visible():
        fill.click()
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.get_by_role("button", name="账号菜单")).to_be_visible()
        staff_cookies[hall, username] = {one["name"]: one["value"] for one in page.context.cookies()}
        return
    # Both codes of this half minute were used: go on with the session that one opened.
    for name, value in staff_cookies[hall, username].items():
        page.context.add_cookies([{"name": name, "value": value, "url": hall, "secure": True, "httpOnly": True}])
    page.goto("/agency")


def choose_unit(page: Page, name: str) -> None:
    """On the unit chooser: the unit of exactly this name."""
    expect(page.get_by_role("heading", name="选择办理业务的单位")).to_be_visible()
    page.get_by_role("button", name=re.compile(rf"{name}( 上次使用| 当前)* 单位编号")).click()
    expect(page.get_by_role("button", name=f"当前单位：{name}，切换单位")).to_be_visible()


def open_page(page: Page, title: str) -> Locator:
    """A page by its menu entry; the part of the window that shows it."""
    page.get_by_role("menuitem", name=title, exact=True).click()
    # Exactly: the heading 单位信息维护 of the page before holds 单位信息 as well.
    expect(page.get_by_role("heading", name=title, level=1, exact=True)).to_be_visible()
    return page.get_by_role("main")


def pick(page: Page, label: str, option: str) -> None:
    """An entry of a choice."""
    page.get_by_role("combobox", name=label).click()
    pick_shown(page, option)
    expect(field(page, label)).to_contain_text(option)


def pick_shown(page: Page, option: str) -> None:
    """An entry of the choice that is open."""
    # Only once it stands still: a click on an entry that is sliding may land beside it.
    shown = page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden):not([class*='ant-slide'])")
    shown.locator(".ant-select-item-option-content").get_by_text(option, exact=True).click()


def field(page: Page, label: str) -> Locator:
    """A field of a form with everything belonging to it, its message too."""
    return page.locator(".ant-form-item:visible").filter(has=page.get_by_label(label, exact=True))


def fill_person(page: Page, id_number: str, name: str) -> None:
    """人员基础信息, the required part."""
    with page.expect_response(lambda answer: answer.url.endswith("/people/lookups")):
        page.get_by_label("证件号码").fill(id_number)  # what the hall says of it moves the fields below
    page.get_by_label("姓名", exact=True).fill(name)
    pick(page, "户口性质", "本地非农业(城镇)")
    page.get_by_label("手机号码").fill("13800571234")
    page.get_by_label("联系地址").fill("宁波市海曙区示范路1号")


def fill_insurance(page: Page, month: str = "202603（当月）") -> None:
    """人员参保信息, the required part."""
    page.get_by_role("radiogroup", name="参保月份").get_by_text(month).click()
    pick(page, "增员原因", "新参保")
    pick(page, "用工形式", "劳动合同制")
    pick(page, "个人身份", "干部")
    pick(page, "人员类别", "职工在职")
    page.get_by_label("月缴费工资（元）").fill("8200.00")
    # The page asks for the costs a moment later; what a test does to the session meanwhile would be told to that.
    expect(page.get_by_role("region", name="费用测算").get_by_role("table")).to_be_visible()


def prove(page: Page, password: str = PASSWORD) -> None:
    """Answers the question who sits there (再次验证身份)."""
    question = page.get_by_role("dialog", name="再次验证身份")
    question.get_by_role("textbox", name="登录密码").fill(password)
    question.get_by_role("button", name="验证", exact=True).click()
    expect(question).to_be_hidden()


def submit(page: Page) -> None:
    """提交 of the form on the page."""
    page.get_by_role("button", name="提交", exact=True).click()


def search_until(page: Page, row_text: str, *, tries: int = 30) -> Locator:
    """Asks again until the row is there: what was decided arrives over the bus a moment later."""
    row = page.get_by_role("main").locator("tr.ant-table-row:visible").filter(has_text=row_text)
    for _ in range(tries):
        with page.expect_response(lambda answer: "/searches" in answer.url):
            page.get_by_role("button", name="查询", exact=True).click()
        expect(page.locator("[aria-busy=true]:visible")).to_have_count(0)
        if row.count() > 0:
            break
    expect(row).to_have_count(1)
    return row
