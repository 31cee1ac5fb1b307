"""`python -m enrollment web | worker | migrate | ...`"""

from enrollment.service import SERVICE
from servicekit.cli import main

if __name__ == "__main__":
    main(SERVICE)
