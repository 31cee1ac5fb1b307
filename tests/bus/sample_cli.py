"""The sample service's commands: `python -m tests.bus.sample_cli web | worker | ...`."""

from servicekit.cli import main
from tests.bus.sample import SAMPLE

if __name__ == "__main__":
    main(SAMPLE)
