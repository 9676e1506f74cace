import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ovd.bootstrap import detectors
from ovd.cli.main import main
from ovd.settings import Settings


@dataclass(frozen=True)
class Outcome:
    """What a command left: exit code and the two streams."""

    exit_code: int
    stdout: str
    stderr: str

    def json(self):
        return json.loads(self.stdout)


Ovd = Callable[..., Outcome]


@pytest.fixture(scope="session")
def compiled_networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of compiled networks for all tests: to compile takes longer than most of them."""
    return tmp_path_factory.mktemp("runtimes")


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled_networks: Path) -> Path:
    """The only data folder the command can know."""
    monkeypatch.setattr(detectors, "RUNTIME_CACHE", compiled_networks)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OVD_{name}".upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OVD_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def ovd(data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ovd:
    """Runs one command in this process."""

    def run(*arguments: str | Path, stdin: str = "") -> Outcome:
        capsys.readouterr()
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as exit_info:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        assert isinstance(exit_info.value.code, int)
        return Outcome(exit_info.value.code, printed.out, printed.err)

    return run
