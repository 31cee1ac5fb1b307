"""`python -m reporting web | worker | migrate | ...`"""

from reporting.service import SERVICE
from servicekit.cli import main

if __name__ == "__main__":
    main(SERVICE)
