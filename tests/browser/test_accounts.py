"""Signing in and minding one's own account, clicked through: registration of all kinds, forgotten password, second
factor, account page, accounts of the staff."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from identity.second_factor.rules import code_of, step_of
from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_mode, field, follow, log_in, open_page, prove
from tests.support.hall import PASSWORD
from tests.support.people import resident_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PASSPHRASE, NEW_PASSPHRASE = "甬江潮起 归帆三月 渔歌唱晚 2026", "四明山下 云起云落 又见桃花 2027"


def _code_by_sms(page: Page) -> None:
    """Asks for a code and takes it from the demo's inbox."""
    page.get_by_role("button", name="获取验证码").click()
    page.locator(".ant-alert").filter(has_text="演示短信").get_by_role("button", name="填入验证码").click()


def _person(page: Page, name: str, mobile: str, number: str) -> None:
    page.get_by_label("姓名").fill(name)
    page.get_by_label("身份证号码").fill(number)
    page.get_by_label("手机号码").fill(mobile)
    _code_by_sms(page)
    page.get_by_role("button", name="下一步").click()


def _choose_password(page: Page, button: str, password: str, label: str = "密码") -> None:
    page.get_by_label(label, exact=True).fill(password)
    page.get_by_label(f"再次输入{label}").fill(password)
    page.get_by_role("button", name=button).click()


def _open_account_page(page: Page) -> None:
    page.get_by_role("button", name="账号菜单").click()
    page.get_by_role("menuitem", name="个人中心").last.click()
    expect(page.get_by_role("heading", name="个人中心", level=1)).to_be_visible()


def _app_code(secret: str, ahead: int = 0) -> str:
    return code_of(secret, step_of(datetime.now(UTC)) + ahead)


def test_an_agent_of_a_virtual_unit_and_a_person_register(visitor: Visitor) -> None:
    agent = visitor()
    agent.goto("/login")
    choose_mode(agent, "经办人登录")
    follow(agent, "立即注册", "注册账号")
    expect(agent.get_by_role("radio", name="经办人账号")).to_be_checked()
    agent.get_by_label("统一社会信用代码").fill("330200XNDW00000001")
    agent.get_by_label("单位名称").fill("失业人员参保虚拟单位")
    agent.get_by_role("button", name="下一步").click()
    expect(agent.get_by_text(re.compile("单位核对通过"))).to_be_visible()
    _person(agent, "沈知微", "13957400011", resident_id(male=False))
    agent.get_by_label("用户名").fill("shenzhiwei")
    _choose_password(agent, "完成注册", PASSPHRASE)
    agent.get_by_role("button", name="去登录").click()
    expect(agent.get_by_role("tab", name="经办人登录")).to_have_attribute("aria-selected", "true")
    agent.get_by_label("密码").fill(PASSPHRASE)
    agent.get_by_role("button", name="登录", exact=True).click()
    expect(agent.get_by_text("还没有可办理的单位")).to_be_visible()  # until a legal representative invites

    person, number = visitor(), resident_id()
    person.goto("/login")
    choose_mode(person, "个人登录")
    follow(person, "立即注册", "注册账号")
    _person(person, "陆一舟", "13957400012", number)
    person.get_by_label("用户名").fill("luyizhou")
    _choose_password(person, "完成注册", PASSPHRASE)
    person.get_by_role("button", name="去登录").click()
    expect(person.get_by_role("tab", name="个人登录")).to_have_attribute("aria-selected", "true")
    person.get_by_label("密码").fill(PASSPHRASE)
    person.get_by_role("button", name="登录", exact=True).click()
    expect(person.get_by_role("heading", name=re.compile("陆一舟"))).to_be_visible()

    again = visitor()
    again.goto("/register")
    again.get_by_text("个人账号").click()
    _person(again, "陆一舟", "13957400013", number)
    again.get_by_label("用户名").fill("luyizhou2")
    _choose_password(again, "完成注册", PASSPHRASE)
    expect(field(again, "身份证号码")).to_contain_text("已注册过个人账号")


def test_a_forgotten_password(visitor: Visitor) -> None:
    other, page = visitor(), visitor()
    log_in(other, "jingban01")
    expect(other.get_by_role("heading", name="选择办理业务的单位")).to_be_visible()

    page.goto("/login")
    choose_mode(page, "经办人登录")
    follow(page, "忘记密码", "忘记密码")
    page.get_by_label("用户名").fill("jingban01")
    page.get_by_label("手机号码").fill("13957400099")  # not the account's: nothing says so, and nothing is sent
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_text("没有收到短信")).to_be_visible()
    page.get_by_label("手机号码").fill("13800570102")
    page.get_by_label("短信验证码").fill("000000")
    _choose_password(page, "设置新密码", NEW_PASSPHRASE, "新密码")
    expect(page.get_by_text("短信验证码不正确或已失效")).to_be_visible()

    page = visitor()
    page.goto("/forgot")
    page.get_by_label("用户名").fill("jingban01")
    page.get_by_label("手机号码").fill("13800570102")
    _code_by_sms(page)
    _choose_password(page, "设置新密码", NEW_PASSPHRASE, "新密码")
    expect(page.get_by_text("密码已重新设置", exact=True)).to_be_visible()
    page.get_by_role("button", name="去登录").click()

    other.reload()
    expect(other).to_have_url(re.compile("/login$"))  # every session has ended
    log_in(other, "jingban01")
    expect(other.get_by_role("alert")).to_contain_text("用户名或密码不正确")
    log_in(other, "jingban01", password=NEW_PASSPHRASE)
    expect(other.get_by_role("heading", name="选择办理业务的单位")).to_be_visible()


def test_the_account_page_and_the_second_factor(visitor: Visitor) -> None:
    page, elsewhere = visitor(), visitor()
    for each in (page, elsewhere):
        log_in(each, "yongjiang", mode="法人登录")
        each.get_by_role("button", name=re.compile("甬江智造科技有限公司 单位编号")).click()
        expect(each.get_by_role("button", name="账号菜单")).to_be_visible()
    _open_account_page(page)

    sessions = page.get_by_role("region", name="登录设备")
    expect(sessions.get_by_role("row").filter(has_text="Chrome · Linux")).to_have_count(2)
    sessions.get_by_role("button", name="退出", exact=True).click()
    expect(sessions.get_by_role("row").filter(has_text="Chrome · Linux")).to_have_count(1)
    elsewhere.reload()
    expect(elsewhere).to_have_url(re.compile("/login$"))

    page.get_by_role("button", name="修改密码").click()
    dialog = page.get_by_role("dialog", name="修改密码")
    dialog.get_by_label("原密码").fill("not this one")
    for label in ("新密码", "再次输入新密码"):
        dialog.get_by_label(label, exact=True).fill(PASSPHRASE)
    dialog.get_by_role("button", name="修改密码").click()
    expect(field(page, "原密码")).to_contain_text("密码不正确")
    dialog.get_by_label("原密码").fill(PASSWORD)
    dialog.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码已修改")).to_be_visible()

    page.get_by_role("button", name="更换手机号码").click()
    dialog = page.get_by_role("dialog", name="更换手机号码")
    dialog.get_by_label("新手机号码").fill("13957400077")
    dialog.get_by_role("button", name="获取验证码").click()
    prove(page, PASSPHRASE)
    dialog.get_by_role("button", name="填入验证码").click()
    dialog.get_by_role("button", name="更换", exact=True).click()
    expect(page.get_by_text("已绑定 139****0077")).to_be_visible()

    page.get_by_role("button", name="启用动态口令").click()
    dialog = page.get_by_role("dialog", name="设置动态口令")
    secret = dialog.get_by_test_id("totp-secret").inner_text().replace(" ", "")
    dialog.get_by_label("动态口令").fill("000000")
    dialog.get_by_role("button", name="验证并启用").click()
    expect(dialog).to_contain_text("动态口令不正确")
    dialog.get_by_label("动态口令").fill(_app_code(secret))
    dialog.get_by_role("button", name="验证并启用").click()
    recovery = dialog.get_by_role("list", name="恢复码").get_by_role("listitem").first.inner_text()
    dialog.get_by_role("button", name="已保存，完成").click()
    expect(page.get_by_role("region", name="动态口令")).to_contain_text("已启用")
    page.reload()
    log = page.get_by_role("region", name="安全日志")
    for words in ("启用动态口令", "更换手机号码", "修改密码", "结束一处登录"):
        expect(log).to_contain_text(words)

    for code in (_app_code(secret, 1), recovery):
        log_in(elsewhere, "yongjiang", mode="法人登录", password=PASSPHRASE)
        elsewhere.get_by_label("动态口令").fill("000000")
        elsewhere.get_by_role("button", name="登录", exact=True).click()
        expect(elsewhere.get_by_text("动态口令不正确或已使用过")).to_be_visible()
        elsewhere.get_by_label("动态口令").fill(code)
        elsewhere.get_by_role("button", name="登录", exact=True).click()
        expect(elsewhere.get_by_role("heading", name="选择办理业务的单位")).to_be_visible()


def test_an_operator_opens_an_account_and_its_owner_begins(visitor: Visitor) -> None:
    operator, owner = visitor(), visitor()
    log_in(operator, "guanli01", mode="工作人员")
    open_page(operator, "人员账号")
    operator.get_by_role("button", name="开通账号").click()
    form = operator.get_by_role("dialog", name="开通人员账号")
    form.get_by_label("用户名").fill("guanli01")
    form.get_by_label("姓名").fill("钱正清")
    form.get_by_label("手机号码").fill("13800570133")
    form.get_by_role("button", name="开通", exact=True).click()
    prove(operator)
    expect(field(operator, "用户名")).to_contain_text("用户名已被使用")
    form.get_by_label("用户名").fill("shenhe33")
    form.get_by_role("button", name="开通", exact=True).click()
    code = operator.get_by_test_id("opening-code").inner_text()
    operator.get_by_role("button", name="已转交，关闭").click()
    row = operator.get_by_role("row").filter(has_text="shenhe33")
    expect(row).to_contain_text("待开通")

    owner.goto("/staff/login")
    follow(owner, "使用开通码设置密码", "账号开通")
    owner.get_by_label("用户名").fill("shenhe33")
    owner.get_by_label("开通码").fill("AAAAA-BBBBB-CCCCC-DDDDD")
    _choose_password(owner, "设置密码", "x7Qm2Vt9")
    expect(field(owner, "开通码")).to_contain_text("开通码不正确")
    owner.get_by_label("开通码").fill(code)
    owner.get_by_role("button", name="设置密码").click()
    expect(owner.get_by_role("heading", name="工作人员登录")).to_be_visible()
    owner.get_by_label("密码").fill("x7Qm2Vt9")
    owner.get_by_role("button", name="登录", exact=True).click()
    expect(owner.get_by_role("heading", name="设置动态口令")).to_be_visible()
    owner.goto("/agency/reviews")
    expect(owner.get_by_role("heading", name="设置动态口令")).to_be_visible()  # there is no way around it
    secret = owner.get_by_test_id("totp-secret").inner_text().replace(" ", "")
    owner.get_by_label("动态口令").fill(_app_code(secret))
    owner.get_by_role("button", name="验证并启用").click()
    owner.get_by_role("button", name="已保存，完成").click()
    open_page(owner, "审核工作台")

    operator.get_by_role("button", name="查询", exact=True).click()
    expect(row).to_contain_text("在用")
    row.get_by_role("button", name="停用").click()
    operator.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(row).to_contain_text("已停用")
    owner.get_by_role("button", name="查询", exact=True).click()
    expect(owner).to_have_url(re.compile("/staff/login$"))
