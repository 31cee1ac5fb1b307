"""`python -m employer web | worker | migrate | ...`."""

from employer.service import SERVICE
from servicekit.cli import main

main(SERVICE)
