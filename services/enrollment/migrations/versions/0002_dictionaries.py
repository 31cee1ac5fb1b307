"""Code tables, version 1 (domain.md §3, and regions), and the decision settings of each kind, all by a reviewer.

Sources: sexes GB/T 2261.1, marital statuses GB/T 2261.2, nationalities GB/T 3304, education GB/T 4658; the rest is
common practice of such halls and the agency's to change. 待生效 (0) of the coverage statuses is ours: a start declared
for next month has no status of its own in the national codes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NATIONALITIES = (
    "汉族、蒙古族、回族、藏族、维吾尔族、苗族、彝族、壮族、布依族、朝鲜族、满族、侗族、瑶族、白族、"
    "土家族、哈尼族、哈萨克族、傣族、黎族、傈僳族、佤族、畲族、高山族、拉祜族、水族、东乡族、纳西族、景颇族、"
    "柯尔克孜族、土族、达斡尔族、仫佬族、羌族、布朗族、撒拉族、毛南族、仡佬族、锡伯族、阿昌族、普米族、"
    "塔吉克族、怒族、乌孜别克族、俄罗斯族、鄂温克族、德昂族、保安族、裕固族、京族、塔塔尔族、独龙族、"
    "鄂伦春族、赫哲族、门巴族、珞巴族、基诺族"
)
_NUMBERED = ", ".join(f"{number:02d} {name}" for number, name in enumerate(_NATIONALITIES.split("、"), start=1))

# 行政区划 of GB/T 2260 as far as a clerk here needs them: Ningbo's districts, Zhejiang's cities, the provinces.
_REGIONS = (
    "330203 宁波市海曙区, 330205 宁波市江北区, 330206 宁波市北仑区, 330211 宁波市镇海区, 330212 宁波市鄞州区, "
    "330213 宁波市奉化区, 330225 宁波市象山县, 330226 宁波市宁海县, 330281 宁波市余姚市, 330282 宁波市慈溪市, "
    "330100 浙江省杭州市, 330300 浙江省温州市, 330400 浙江省嘉兴市, 330500 浙江省湖州市, 330600 浙江省绍兴市, "
    "330700 浙江省金华市, 330800 浙江省衢州市, 330900 浙江省舟山市, 331000 浙江省台州市, 331100 浙江省丽水市, "
    "110000 北京市, 120000 天津市, 130000 河北省, 140000 山西省, 150000 内蒙古自治区, 210000 辽宁省, 220000 吉林省, "
    "230000 黑龙江省, 310000 上海市, 320000 江苏省, 340000 安徽省, 350000 福建省, 360000 江西省, 370000 山东省, "
    "410000 河南省, 420000 湖北省, 430000 湖南省, 440000 广东省, 450000 广西壮族自治区, 460000 海南省, 500000 重庆市, "
    "510000 四川省, 520000 贵州省, 530000 云南省, 540000 西藏自治区, 610000 陕西省, 620000 甘肃省, 630000 青海省, "
    "640000 宁夏回族自治区, 650000 新疆维吾尔自治区, 710000 台湾省, 810000 香港特别行政区, 820000 澳门特别行政区"
)

_TABLES: dict[str, str] = {
    "insurance_types": (
        "310 职工基本医疗保险, 320 公务员医疗补助, 330 大额医疗费用补助, 340 离休人员医疗保障, "
        "390 城乡居民基本医疗保险, 410 长期护理保险, 510 生育保险"
    ),
    "id_types": (
        "01 居民身份证(户口簿), 04 港澳居民来往内地通行证, 06 台湾居民来往大陆通行证, 07 外国人永久居留证, "
        "08 外国人护照, 16 港澳台居民居住证, 99 其他"
    ),
    "sexes": "1 男, 2 女",
    "nationalities": f"{_NUMBERED}, 97 其他",
    "marital_statuses": "10 未婚, 20 已婚, 30 丧偶, 40 离婚",
    "education_levels": "10 研究生, 20 本科, 30 专科, 40 中专, 60 高中, 70 初中, 80 小学, 90 其他",
    "household_kinds": ("11 本地非农业(城镇), 12 外地非农业(城镇), 21 本地农业, 22 外地农业, 30 台港澳, 40 外籍"),
    "regions": _REGIONS,
    "employment_forms": "1 劳动合同制, 2 聘用制(事业单位), 3 公务员, 4 劳务派遣, 9 其他",
    "personal_identities": "1 工人, 2 干部, 3 农民工, 9 其他",
    "person_categories": "1101 职工在职, 1102 公务员在职, 1103 灵活就业在职, 1201 退休",
    "employer_kinds": ("10 企业, 30 机关, 50 事业单位, 70 社会团体, 80 民办非企业, 90 个体工商户, 99 虚拟单位"),
    "coverage_statuses": "0 待生效, 1 正常参保, 2 暂停参保, 4 终止参保",
    "payment_statuses": "0 未到账, 1 已到账, 2 部分到账",
    "addition_reasons": "01 新参保, 02 转入, 03 续保, 04 城乡转职工, 05 灵活转职工",
    "removal_reasons": (
        "01 解除或终止劳动合同, 02 调离本统筹区, 03 辞职, 04 退休, 05 死亡, 06 参军, 07 出国(境)定居, "
        "08 判刑收监, 09 其他"
    ),
    "bank_classes": (
        "102 工商银行, 103 农业银行, 104 中国银行, 105 建设银行, 301 交通银行, 302 中信银行, 303 光大银行, "
        "304 华夏银行, 305 民生银行, 306 广发银行, 307 平安银行, 308 招商银行, 309 兴业银行, 310 浦发银行, "
        "313 城市商业银行, 316 浙商银行, 402 农村信用社(农商行), 403 邮储银行"
    ),
}
_KINDS = ("addition", "removal", "person_change", "employer_change")


def upgrade() -> None:
    entries = sa.table(
        "dictionary_entries",
        sa.column("table_name", sa.Text),
        sa.column("code", sa.Text),
        sa.column("name", sa.Text),
        sa.column("position", sa.SmallInteger),
    )
    rows = []
    for table, codes in _TABLES.items():
        for position, entry in enumerate(codes.split(", ")):
            code, name = entry.split(" ", 1)
            rows.append({"table_name": table, "code": code, "name": name, "position": position})
    op.bulk_insert(entries, rows)
    op.bulk_insert(sa.table("dictionary_version", sa.column("version", sa.Integer)), [{"version": 1}])
    op.bulk_insert(sa.table("decision_settings", sa.column("kind", sa.Text)), [{"kind": kind} for kind in _KINDS])


def downgrade() -> None:
    op.execute("DELETE FROM decision_settings")
    op.execute("DELETE FROM dictionary_version")
    op.execute("DELETE FROM dictionary_entries")
