"""Registration: who may register for what. Pure."""

import re

from servicekit.refusals import FieldFault, Refusal

# Chinese (with the extensions that rare surnames need) or Latin; `·` in names of minorities, blanks in Latin ones.
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]{2,50}|[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ .'’·-]{1,49}")


class UnknownUnit(Refusal):
    """The same words whether the code or the name is wrong: the register is not to be read out by trying."""

    code = "unknown_unit"
    title = "未找到该参保单位"
    detail = "统一社会信用代码与单位名称不一致，或该单位尚未在经办机构登记。请核对后重试，或联系经办机构。"


class Taken(Refusal):
    """Tells that there is an account of this username, number or unit: only to whoever has shown the code sent to their
    mobile, and as often as they might have guessed it."""


class AlreadyRegistered(Taken):
    code = "already_registered"
    title = "该单位已注册法人账号"
    detail = "该统一社会信用代码已注册过法人账号，请直接登录；忘记账号请联系经办机构。"


class PersonRegistered(Taken):
    code = "person_registered"
    title = "该人员已注册个人账号"
    detail = "该身份证号码已注册过个人账号，请直接登录；忘记密码可通过“忘记密码”重新设置"


class UsernameTaken(Taken):
    code = "username_taken"
    title = "用户名已被使用"
    detail = "用户名已被使用，请换一个"


def unit_faults(kind: str, uscc: str | None, unit_name: str | None) -> list[FieldFault]:
    """What is missing of the unit, or too much: a person registers without one, anybody else with one."""
    if kind == "person":
        named = (("/uscc", uscc), ("/unit_name", unit_name))
        return [
            FieldFault(pointer, "not_for_persons", "个人账号注册不填写单位信息")
            for pointer, value in named
            if value is not None
        ]
    wanted = (("/uscc", uscc, "统一社会信用代码"), ("/unit_name", unit_name, "单位名称"))
    return [FieldFault(pointer, "missing", f"请填写{title}") for pointer, value, title in wanted if value is None]


def name_fault(name: str) -> FieldFault | None:
    """What is wrong with a person's name (domain.md §4: 2 to 50, Chinese or Latin, `·` allowed)."""
    if _NAME.fullmatch(name):
        return None
    return FieldFault("/person/name", "name_form", "姓名应为2至50个汉字或字母，可含间隔号“·”，请按证件填写")
