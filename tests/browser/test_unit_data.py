"""The unit's own data: contact data, the bank account, a change of registration; the agency's bank directory."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.hall_pages import choose_unit, field, log_in, open_page, pick_shown, prove
from tests.support.files import jpeg, pdf
from tests.support.sheets import sheet_of
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

# A unit that no other journey is about: one of these changes its name.
UNIT_NAME, NEW_NAME = "甬港联运集团有限公司", "甬港联运控股集团有限公司"


def _clerk(visitor: Visitor, name: str = UNIT_NAME) -> Page:
    page = visitor()
    log_in(page, "jingban01")
    choose_unit(page, name)
    return page


def _fact(page: Page, label: str) -> Locator:
    """The value beside a label of a sheet of facts."""
    return page.get_by_role("main").locator(f"th:visible:has(> span:text-is('{label}')) + td")


def test_contact_data_are_edited_and_a_second_tab_is_told(visitor: Visitor) -> None:
    clerk = _clerk(visitor)
    open_page(clerk, "单位信息维护")
    expect(clerk.get_by_role("region", name="单位基本信息")).to_contain_text(UNIT_NAME)
    other = clerk.context.new_page()
    other.goto(clerk.url)
    expect(other.get_by_label("联系人", exact=True)).to_have_value("顾清和")

    clerk.get_by_label("联系人", exact=True).fill("")
    clerk.get_by_label("联系电话").fill("12345")
    clerk.get_by_label("通讯地址").fill("宁波市北仑区示范大道502号")
    clerk.get_by_role("button", name="提交").click()
    expect(field(clerk, "联系人")).to_contain_text("请填写联系人")
    clerk.get_by_label("联系人", exact=True).fill("许望舒")
    clerk.get_by_role("button", name="提交").click()
    expect(field(clerk, "联系电话")).to_contain_text("请填写11位手机号码")
    clerk.get_by_label("联系电话").fill("0574-87000599")
    clerk.get_by_role("button", name="提交").click()
    expect(clerk.get_by_text("单位联系信息已保存")).to_be_visible()
    expect(field(clerk, "联系电话")).to_contain_text("现为 ***********99")
    clerk.get_by_label("联系人", exact=True).fill("谁也不是")
    clerk.get_by_role("button", name="重置").click()
    expect(clerk.get_by_label("联系人", exact=True)).to_have_value("许望舒")

    other.get_by_label("联系人", exact=True).fill("陆知秋")
    other.get_by_role("button", name="提交").click()
    expect(other.get_by_text("他人已修改了单位联系信息")).to_be_visible()
    other.get_by_role("button", name="载入最新内容").click()
    expect(other.get_by_label("联系人", exact=True)).to_have_value("许望舒")

    open_page(clerk, "单位信息")
    clerk.get_by_role("tab", name="单位联系信息").click()
    expect(_fact(clerk, "联系人")).to_have_text("许望舒")
    clerk.get_by_role("button", name="显示完整联系电话").click()
    prove(clerk)
    expect(_fact(clerk, "联系电话")).to_contain_text("0574-87000599")
    clerk.get_by_role("tab", name="单位注册信息").click()
    expect(_fact(clerk, "注册地址")).to_contain_text("示范大道501号")


def test_the_bank_account_is_given_with_a_step_up_and_changed(visitor: Visitor) -> None:
    clerk = _clerk(visitor)
    open_page(clerk, "单位信息维护")
    section = clerk.get_by_role("region", name="银行账户")
    expect(section).to_contain_text("尚未登记银行账户")
    section.get_by_role("button", name="登记银行账户").click()
    dialog = clerk.get_by_role("dialog", name="登记银行账户")
    expect(dialog.get_by_label("户名")).to_have_value(re.compile("^甬港联运"))

    _choose_branch(clerk, dialog, "102 中国工商银行", "北仑 小港", "工行北仑小港支行")
    dialog.get_by_label("账号").fill("3901 0001 0900 0000 501")
    dialog.get_by_role("button", name="提交", exact=True).click()
    question = clerk.get_by_role("dialog", name="再次验证身份")
    question.get_by_role("button", name="取消").click()
    expect(dialog).to_contain_text("没有验证身份")
    dialog.get_by_role("button", name="提交", exact=True).click()
    prove(clerk)
    expect(clerk.get_by_text("银行账户已更新")).to_be_visible()
    expect(section).to_contain_text("中国工商银行股份有限公司宁波北仑小港支行")
    expect(section).to_contain_text("***************0501")

    section.get_by_role("button", name="修改").click()
    dialog = clerk.get_by_role("dialog", name="修改银行账户")
    _choose_branch(clerk, dialog, "313 城市商业银行", "宁波银行 大碶", "宁波银行北仑大碶支行")
    dialog.get_by_label("账号").fill("1234")
    dialog.get_by_role("button", name="提交", exact=True).click()
    expect(dialog).to_contain_text("银行账号应为6至32位数字")
    dialog.get_by_label("账号").fill("5301220000999")
    dialog.get_by_role("button", name="提交", exact=True).click()  # not asked again
    expect(section).to_contain_text("宁波银行股份有限公司北仑大碶支行")
    section.get_by_role("button", name="变更记录").click()
    history = clerk.get_by_role("dialog", name="银行账户变更记录")
    expect(history.locator("tr.ant-table-row")).to_have_count(2)
    expect(history.locator("tr.ant-table-row").first).to_contain_text("现用")


def _pick_bank(page: Page, where: Locator, bank: str) -> None:
    choice = where.get_by_role("combobox", name="银行大类")
    choice.fill(bank[:3])  # the list is long: only what is near the top of it is there
    pick_shown(page, bank)
    expect(where.locator(".ant-select").filter(has_text=bank).first).to_be_visible()


def _choose_branch(page: Page, dialog: Locator, bank: str, words: str, branch: str) -> None:
    dialog.get_by_role("button", name="选择").click()
    picker = page.get_by_role("dialog", name="选择开户行")
    _pick_bank(page, picker, bank)
    picker.get_by_label("网点简称").fill(words)
    picker.get_by_role("button", name="查询").click()
    picker.get_by_role("radio", name=f"选择{branch}").check()
    picker.get_by_role("button", name="确定").click()
    expect(picker).to_be_hidden()


def test_a_change_of_registration_from_the_request_to_the_new_name(visitor: Visitor) -> None:
    clerk = _clerk(visitor)
    open_page(clerk, "单位信息变更")
    expect(clerk.get_by_label("单位名称")).to_have_value(UNIT_NAME)
    clerk.get_by_role("button", name="提交").click()
    expect(field(clerk, "附件")).to_contain_text("请上传附件")
    with clerk.expect_file_chooser() as chooser:
        clerk.get_by_role("button", name="上传附件").click()
    chooser.value.set_files(
        [
            FilePayload(name="执照.pdf", mimeType="application/pdf", buffer=pdf()),
            FilePayload(name="不是照片.jpg", mimeType="image/jpeg", buffer=pdf()),
            FilePayload(name="任命.jpg", mimeType="image/jpeg", buffer=jpeg()),
        ]
    )
    expect(clerk.get_by_role("list", name="已上传的附件").get_by_role("listitem")).to_have_count(2)
    expect(clerk.get_by_role("main")).to_contain_text("与文件名的扩展名不符")
    clerk.get_by_role("button", name="提交").click()
    expect(clerk.get_by_role("alert").filter(has_text="没有变更内容")).to_be_visible()
    clerk.get_by_label("单位名称").fill(NEW_NAME)
    clerk.get_by_role("checkbox", name="变更法定代表人").check()
    clerk.get_by_label("法人姓名").fill("贺知章")
    clerk.get_by_label("法人证件号码").fill("330282198512310029")
    clerk.get_by_role("button", name="提交").click()
    expect(field(clerk, "法人证件号码")).to_contain_text("校验位不正确")
    clerk.get_by_label("法人证件号码").fill("330282198512310028")
    clerk.get_by_role("button", name="提交").click()
    waiting = clerk.get_by_role("status").filter(has_text="变更申请正在等待审核")
    expect(waiting).to_contain_text("申报流水号")
    no = waiting.locator("b").inner_text()
    expect(clerk.get_by_role("region", name="变更内容")).to_contain_text(NEW_NAME)

    reviewer = visitor()
    log_in(reviewer, "shenhe01", mode="工作人员")
    open_page(reviewer, "审核工作台")
    reviewer.get_by_label("申报流水号").fill(no)
    reviewer.get_by_role("button", name="查询", exact=True).click()
    row = reviewer.get_by_role("main").locator("tr.ant-table-row:visible").filter(has_text=no)
    row.get_by_role("button", name="审核").click()
    desk = reviewer.get_by_role("dialog", name="审核申报")
    changes = desk.get_by_role("region", name="变更内容")
    expect(changes).to_contain_text(UNIT_NAME)
    expect(changes).to_contain_text(NEW_NAME)
    expect(changes).to_contain_text("330282********0028")
    changes.get_by_role("button", name="显示完整法人证件号码").click()
    prove(reviewer)
    expect(changes).to_contain_text("330282198512310028")
    desk.get_by_role("button", name="查看任命.jpg").click()
    picture = reviewer.get_by_role("img", name="任命.jpg")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 40
    reviewer.keyboard.press("Escape")
    expect(picture).to_have_count(0)
    desk.get_by_role("button", name="审核通过", exact=True).click()
    expect(reviewer.get_by_text("已审核通过")).to_be_visible()

    expect(clerk.get_by_role("main")).to_contain_text("审核通过，已生效")  # without doing anything
    open_page(clerk, "单位信息")
    expect(_fact(clerk, "单位名称")).to_have_text(NEW_NAME)
    # Who may choose which unit is another service's: the new name arrives there a moment later.
    wait_until(
        lambda: NEW_NAME in clerk.request.get("/api/identity/units", params={"q": NEW_NAME}).text(),
        what="the name in the directory",
    )
    clerk.get_by_role("button", name=re.compile("切换单位")).click()
    choose_unit(clerk, NEW_NAME)
    open_page(clerk, "单位信息变更")
    expect(clerk.get_by_role("main")).to_contain_text("审核通过，已生效")
    expect(clerk.get_by_label("单位名称")).to_have_value(NEW_NAME)


def test_the_agency_brings_in_its_bank_directory(visitor: Visitor, tmp_path: Path) -> None:
    operator = visitor()
    log_in(operator, "guanli01", mode="工作人员")
    main = open_page(operator, "银行名录")
    _pick_bank(operator, main, "316 浙商银行")
    main.get_by_role("button", name="查询", exact=True).click()
    expect(main.locator("tr.ant-table-row:visible").first).to_contain_text("浙商银行")

    main.get_by_role("button", name="导入名录").click()
    desk = operator.get_by_role("dialog", name="导入银行名录")
    with operator.expect_download() as saved:
        desk.get_by_role("button", name="下载模板").click()
    assert saved.value.suggested_filename == "银行名录模板.xlsx"
    good = {"银行大类": "316", "联行号": "316332099991", "网点名称": "浙商银行宁波潮起支行", "网点简称": "浙商潮起支行"}
    file = tmp_path / "名录.xlsx"
    file.write_bytes(sheet_of([good, {**good, "联行号": "3163320", "网点名称": None}]))
    desk.locator("input[type=file]").set_input_files(file)
    result = desk.get_by_role("region", name="检查结果")
    expect(result.locator("[data-count=可导入]")).to_have_text("1")
    expect(result.locator("tr.ant-table-row")).to_contain_text(["联行号应为12位数字"])
    expect(result.locator("tr.ant-table-row td").first).to_have_text("3")
    result.get_by_role("button", name="确认导入").click()
    expect(operator.get_by_text("已导入：新增 1 个，更新 0 个网点")).to_be_visible()
    expect(result.get_by_role("button", name="确认导入")).to_have_count(0)
    operator.keyboard.press("Escape")
    expect(desk).to_have_count(0)
    main.get_by_label("网点").fill("潮起")
    main.get_by_role("button", name="查询", exact=True).click()
    expect(main.locator("tr.ant-table-row:visible")).to_contain_text(["浙商银行宁波潮起支行"])
