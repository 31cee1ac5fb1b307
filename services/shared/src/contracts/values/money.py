"""Money: `Decimal`, yuan with two decimals. Rounding and the capitals used on Chinese documents."""

from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def round_half_up(amount: Decimal) -> Decimal:
    """Rounds to the fen, half up (domain rule 7: 四舍五入到分, each row for itself)."""
    return amount.quantize(FEN, rounding=ROUND_HALF_UP)


def _group_in_capitals(group: int) -> str:
    """Four digits in capitals, 0 < group < 10000, with inner zeros said once."""
    said, zero_open = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit == 0:
            zero_open = bool(said)
            continue
        said += ("零" if zero_open else "") + _DIGITS[digit] + _PLACES[place]
        zero_open = False
    return said


def capitals(amount: Decimal) -> str:
    """An amount in capitals (人民币大写), as on receipts: 1005.30 → 壹仟零伍元叁角整.

    Follows the bank settlement rules 《支付结算办法》 annex 1: 整 after yuan and jiao, a zero said once between groups.

    Raises:
        ValueError: beyond 16 digits of yuan.
    """
    amount = round_half_up(amount)
    sign = "负" if amount < 0 else ""
    yuan, fen = divmod(int(abs(amount) * 100), 100)
    if yuan >= 10**16:
        raise ValueError("amount too large to be written in capitals")
    said, zero_open = "", False
    for power in (3, 2, 1, 0):
        group = yuan // 10000**power % 10000
        if group == 0:
            zero_open = bool(said)
            continue
        if said and (zero_open or group < 1000):
            said += "零"
        said += _group_in_capitals(group) + _GROUPS[power]
        zero_open = False
    jiao, rest = divmod(fen, 10)
    if not yuan and not fen:
        return "零元整"
    said = said + "元" if said else ""
    if not fen:
        return sign + said + "整"
    if jiao:
        said += _DIGITS[jiao] + "角"
    elif yuan:
        said += "零"
    return sign + said + (_DIGITS[rest] + "分" if rest else "整")
