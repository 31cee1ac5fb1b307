"""All benches, one after the other: `make bench`. Each prints ours beside its reference, measured in one run."""

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Runs every module of this folder; the number of those that failed."""
    failed = 0
    for module in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        print(f"\n=== {module.stem}", flush=True)  # noqa: T201 - a command line prints
        failed += subprocess.run([sys.executable, "-m", f"tests.bench.{module.stem}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
