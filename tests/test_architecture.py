"""What review cannot keep an eye on: sizes, exports, what imports what, what is documented."""

import ast
import inspect
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import ovd
from ovd import errors
from ovd.cli.verbs import VERBS
from ovd.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "ovd").rglob("*.py"))
LONGEST_MODULE, LONGEST_FUNCTION = 400, 50
VAGUE_NAMES = {"utils", "helpers", "common", "misc", "core", "base"}
LARGEST_FOLDER = 14
# One file per command, and per change of the schema.
LARGE_FOLDERS = {"ovd/cli", "ovd/store/migrations/versions"}
# The first line of a docstring says what a thing does, or is; it does not begin with these words.
RIDDLES = {"what", "who", "how", "whether", "nobody", "somebody", "nothing", "that", "why"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_module_is_short_enough_to_read(module):
    source = module.read_text(encoding="utf-8")
    too_long = [
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]

    assert len(source.splitlines()) <= LONGEST_MODULE
    assert too_long == []
    assert module.stem not in VAGUE_NAMES


def test_folders_are_small_enough_to_survey():
    folders = Counter(relative(path.parent) for path in MODULES if path.name != "__init__.py")

    assert {
        folder: count
        for folder, count in folders.items()
        if count > LARGEST_FOLDER and folder not in LARGE_FOLDERS
    } == {}


def test_docstrings_begin_with_what_a_thing_does():
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first_words = [
        (f"{relative(module)}: {getattr(node, 'name', '')}", docstring.split()[0].strip(".,:;"))
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, documented) and (docstring := ast.get_docstring(node))
    ]

    assert [name for name, word in first_words if word.lower() in RIDDLES] == []


def test_public_names_are_sorted_and_exist():
    assert ovd.__all__ == sorted(ovd.__all__)
    assert all(hasattr(ovd, name) for name in ovd.__all__)


@pytest.mark.parametrize("module", ["ovd", "ovd.cli.main"])
def test_import_loads_no_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


def test_every_error_has_a_code_of_its_own():
    classes = [
        item
        for _, item in inspect.getmembers(errors, inspect.isclass)
        if issubclass(item, errors.OvdError)
    ]
    codes = [item.code for item in classes]

    assert len(set(codes)) == len(codes)
    assert {item.exit_code for item in classes} == {1, 2, 3, 4}


def test_every_error_code_is_documented():
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    classes = [
        item
        for _, item in inspect.getmembers(errors, inspect.isclass)
        if issubclass(item, errors.OvdError)
    ]

    assert [item.code for item in classes if f"`{item.code}`" not in page] == []


def test_every_setting_is_documented():
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    names = [f"`OVD_{name.upper()}`" for name in Settings.model_fields]

    assert [name for name in names if name not in page] == []


def test_every_command_is_documented_and_shows_an_example():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    commands = {verb.name: verb.load() for verb in VERBS}

    assert [name for name in commands if f"ovd {name}" not in page] == []
    assert [
        name
        for name, command in commands.items()
        if not hasattr(command, "commands") and "Example:" not in (command.help or "")
    ] == []
