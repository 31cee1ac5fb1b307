"""Whose an insured person's account is. Pure."""

from typing import Literal

Standing = Literal["recognised", "mobile_differs", "not_found"]
"""How an account stands: recognised for good, or what stands in the way as long as nothing changes."""


def standing(*, vouched: bool, name_agrees: bool, mobile_agrees: bool) -> Standing:
    """What follows for an account whose document is a registered person's.

    A document that was only typed in proves nothing: whoever found an ID card knows name and number. What its holder
    has proved is the mobile, so that has to be the one in the register. Where an identity provider vouches for the
    document, the name is enough. Another name is told like an unknown number: nobody learns who is insured by trying.
    """
    if not name_agrees:
        return "not_found"
    return "recognised" if vouched or mobile_agrees else "mobile_differs"
