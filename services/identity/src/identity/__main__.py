"""`python -m identity web | worker | migrate | ...`"""

from identity.service import SERVICE
from servicekit.cli import main

if __name__ == "__main__":
    main(SERVICE)
