"""A rendering child on a machine without WeasyPrint's system libraries: importing it fails as it does there."""

import sys
from types import ModuleType

from reporting.rendering import child


class _NoPango:
    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> None:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")


if __name__ == "__main__":
    sys.meta_path.insert(0, _NoPango())
    child.main()
