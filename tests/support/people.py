"""Synthetic people: valid identity numbers of nobody."""

import itertools
import os
from datetime import date, timedelta

from stdnum.iso7064 import mod_11_2

_numbers = itertools.count(os.getpid() % 1000 * 900)


def resident_id(*, born: date | None = None, male: bool = True, region: str = "330203") -> str:
    """A well-formed resident ID number, another one at every call in this process."""
    number = next(_numbers)
    born = born or date(1970, 1, 1) + timedelta(days=number // 400)
    sequence = number % 400 * 2 + (1 if male else 2)
    body = f"{region}{born:%Y%m%d}{sequence:03d}"
    return body + mod_11_2.calc_check_digit(body)
