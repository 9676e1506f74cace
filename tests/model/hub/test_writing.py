import sys

import pytest

from ovd.errors import ConflictError
from ovd.model.hub.writing import write_alone
from tests.processes import run_program

HOLDER = """
import sys
import time
from pathlib import Path
from ovd.model.hub.writing import write_alone

with write_alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def hold(folder):
    return run_program([sys.executable, "-c", HOLDER, str(folder)])


def test_another_process_is_refused_until_the_first_ends_however_it_does(tmp_path):
    folder = tmp_path / "models" / "owlv2-base"
    with hold(folder) as holder:
        assert holder.stdout.readline() == "held\n"

        with pytest.raises(ConflictError, match="'owlv2-base' is being changed"):
            write_alone(folder).__enter__()

    with write_alone(folder):
        pass
    assert not list(folder.parent.iterdir())


def test_a_thread_of_the_same_process_is_refused_too(tmp_path):
    with write_alone(tmp_path / "a"), pytest.raises(ConflictError):
        write_alone(tmp_path / "a").__enter__()


def test_the_folder_is_free_again_after_a_failure(tmp_path):
    with pytest.raises(ZeroDivisionError), write_alone(tmp_path / "a"):
        raise ZeroDivisionError

    with write_alone(tmp_path / "a"):
        pass
