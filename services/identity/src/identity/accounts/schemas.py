"""What forms of registration and login have in common."""

from typing import Annotated

from pydantic import StringConstraints

# Blanks at its ends belong to a password, unlike any other field. The upper limit only keeps nonsense out: rules say
# how long a new one may be, in words.
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024, strip_whitespace=False)]
"""A password as typed. Declare its field with `repr=False`."""
