"""The synthetic people of the stand-in. Their numbers are well-formed and nobody's."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """Somebody with an account at the portal."""

    key: str
    name: str
    about: str
    id_number: str
    mobile: str = ""
    level: str = "3"
    id_type: str = "1"

    @property
    def subject(self) -> str:
        """The portal's own name of the account."""
        return f"person-{self.key}"


@dataclass(frozen=True)
class LegalPerson:
    """A legal person's account at the portal, and who uses it."""

    key: str
    company: str
    about: str
    uscc: str
    representative: str
    operator: str = ""
    operator_id_number: str = ""
    operator_mobile: str = ""
    level: str = "2"

    @property
    def subject(self) -> str:
        """The portal's own name of the account: one for a company, whoever uses it."""
        return f"legal-{self.uscc}"


PEOPLE = (
    Person("linzhixia", "林知夏", "网厅已有经办人账号", "330282198512310028", "13800570102"),
    Person("fangxiaoman", "方小满", "网厅还没有账号", "330203199203158244", "13800570111"),
    Person("qianduoduo", "钱多多", "只有初级实名", "330205198806207533", "13800570112", level="1"),
    Person("anderson", "Anna Anderson", "登记的是护照", "E12345678", "13800570113", id_type="4"),
)
LEGAL_PEOPLE = (
    LegalPerson(
        "jiangyong", "甬江智造科技有限公司", "法定代表人本人使用", "91330200MA2A0B1C3J", "江涌",
        "江涌", "330203199003071232", "13800570101",
    ),
    LegalPerson(
        "operator", "甬江智造科技有限公司", "由经办人使用", "91330200MA2A0B1C3J", "江涌",
        "方小满", "330203199203158244", "13800570111",
    ),
    LegalPerson(
        "association", "四明山文化交流协会", "网厅还没有账号", "52330200500001234A", "叶闻溪",
        "叶闻溪", "330211197511034324", "13800570114",
    ),
    LegalPerson("stranger", "象山海风贸易有限公司", "没有参保登记", "91330225MA2B3C4D53", "潘海风"),
    LegalPerson("lowlevel", "甬江智造科技有限公司", "未实名", "91330200MA2A0B1C3J", "江涌", level="4"),
)  # fmt: skip
