"""Which personal values may be shown in full on demand. Pure."""

from typing import Literal

Disclosable = Literal["id_number", "mobile"]
