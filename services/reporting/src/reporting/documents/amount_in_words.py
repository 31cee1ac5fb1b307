"""Yuan in capitals (人民币大写), as receipts and certificates write them so that no figure can be added. Pure."""

from decimal import Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_MYRIADS = ("", "万", "亿", "万亿")


def in_words(value: Decimal) -> str:
    """12345.60 → 人民币壹万贰仟叁佰肆拾伍元陆角整. Less than 10^16; below zero with 负."""
    fen = int(abs(value) * 100)
    yuan, fen = divmod(fen, 100)
    if not yuan and not fen:
        return "人民币零元整"
    text = "人民币" + ("负" if value < 0 else "")
    if yuan:
        text += f"{_whole(yuan)}元"
    jiao, fen = divmod(fen, 10)
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif fen and yuan:
        text += "零"
    return text + (f"{_DIGITS[fen]}分" if fen else "整")


def _whole(number: int) -> str:
    """A number above zero without its unit, in groups of four digits."""
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += "零"
        text, gap = text + _group(group) + _MYRIADS[place], False
    return text


def _group(number: int) -> str:
    """Up to four digits: 1005 → 壹仟零伍."""
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return text
