"""Habits that a look at the sources can check."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 450
AUDIT_NAMES = "gateway/web/src/pages/agency/auditActions.ts"
FORBIDDEN_NAMES = {"utils.py", "common.py", "helpers.py", "misc.py"}


def _tracked(*patterns: str) -> list[Path]:
    """Files of the project, tracked by git or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def test_no_file_grows_past_what_one_feature_needs() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _tracked("*.py", "*.ts", "*.tsx")
        if not path.name.endswith(".d.ts") and "migrations" not in path.parts
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_file_is_a_drawer_for_everything() -> None:
    assert [path for path in _tracked("*.py") if path.name in FORBIDDEN_NAMES] == []


def test_sql_stays_in_repositories() -> None:
    """Use cases and routes don't write queries: all SQL of a feature is in its `repository.py`."""
    statement = re.compile(r"\b(select|insert|update|delete)\(\s*[A-Z]\w+|\.execute\(|exec_driver_sql")
    stray = [
        str(path.relative_to(ROOT))
        for path in _tracked("services/*/src/*/*/service.py", "services/*/src/*/*/routes.py")
        if statement.search(path.read_text())
    ]
    assert stray == []


def test_indexes_on_tables_in_use_lock_nobody_out() -> None:
    """A migration that adds an index to a table it didn't create uses `build_index`."""
    locking = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in _tracked("services/*/migrations/versions/*.py")
        for name, table in _plain_indexes(path)
        if table not in _created_tables(path)
    ]
    assert locking == []


def _upgrade_calls(path: Path, function: str) -> list[list[object]]:
    """The arguments of each call of `op.<function>` outside of `downgrade`; None for one that is no constant."""
    parts = [part for part in ast.parse(path.read_text()).body if getattr(part, "name", "") != "downgrade"]
    return [
        [argument.value if isinstance(argument, ast.Constant) else None for argument in call.args]
        for part in parts
        for call in ast.walk(part)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == f"op.{function}"
    ]


def _plain_indexes(path: Path) -> list[tuple[object, object]]:
    return [(given[0], given[1]) for given in _upgrade_calls(path, "create_index")]


def _created_tables(path: Path) -> set[object]:
    return {given[0] for given in _upgrade_calls(path, "create_table") if given}


def test_every_audited_action_has_its_chinese_name_on_the_page() -> None:
    named = set(re.findall(r'"([a-z_]+\.[a-z_]+)":', (ROOT / AUDIT_NAMES).read_text()))
    recorded = {
        action
        for path in _tracked("services/*/src/*.py")
        for action in re.findall(r'audit\.(?:record\(\s*\w+,\s*[\w.]+,|Entry\()\s*"([a-z_.]+)"', path.read_text())
    }
    assert len(recorded) > 50, "the pattern no longer finds them"
    assert recorded - named == set()


@pytest.mark.parametrize("word", ["time.sleep(", "asyncio.sleep("])
def test_no_test_sleeps(word: str) -> None:
    """Tests wait for what they want to see, never for time to pass. `asyncio.sleep(0)` only yields."""
    asleep = re.compile(re.escape(word) + r"(?!0\))")
    sleepers = [
        str(path.relative_to(ROOT))
        for path in _tracked("tests/*.py")
        if path != Path(__file__).resolve() and "bench" not in path.parts and asleep.search(path.read_text())
    ]
    assert sleepers == []


def test_every_package_of_a_feature_uses_the_known_file_names() -> None:
    """The same names mean the same thing everywhere; a service may add names of its own, but not synonyms of these."""
    synonyms = {"views.py", "api.py", "endpoints.py", "crud.py", "dao.py", "logic.py", "handlers.py", "entities.py"}
    assert [path for path in _tracked("services/*/src/*.py") if path.name in synonyms] == []


def test_every_feature_keeps_its_layers() -> None:
    """The import contract of layers names every feature there is."""
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = {container for contract in configured for container in contract.get("containers", ())}
    features = {
        f"{folder.parents[0].name}.{folder.name}"
        for folder in ROOT.glob("services/*/src/*/*")
        if (folder / "__init__.py").exists() and folder.parents[2].name != "shared"
    }
    assert named == features
