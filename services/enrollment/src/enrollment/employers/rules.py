"""What a unit may declare online. Pure."""

from dataclasses import dataclass

from servicekit.refusals import Refusal


class UnitNotRegistered(Refusal):
    code = "unit_not_registered"
    title = "单位尚未登记"


class OnlineDeclarationClosed(Refusal):
    code = "online_declaration_closed"
    title = "本单位类型未开通网上申报"


class UnitClosed(Refusal):
    code = "unit_closed"
    title = "单位已注销参保登记"


@dataclass(frozen=True)
class Unit:
    """What this service knows of an insured unit (参保单位)."""

    employer_no: str
    name: str
    kind: str
    online_declaration: bool
    insurances: tuple[str, ...]
    open: bool = True


def check_may_declare(unit: Unit | None) -> Unit:
    """The unit, if it may hand in declarations online (the agency's switch per kind of employer, domain rule 1)."""
    if unit is None:
        raise UnitNotRegistered("经办机构的参保单位登记中还没有本单位，请稍后再试或联系经办机构")
    if not unit.open:
        raise UnitClosed("本单位已注销参保登记，不能再申报")
    if not unit.online_declaration:
        raise OnlineDeclarationClosed("本单位所属类型暂未开通网上申报，请到经办机构窗口办理")
    return unit
