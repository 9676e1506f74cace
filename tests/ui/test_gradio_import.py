import json
import subprocess
import sys

import pytest

FACTS = """
import json, sys
before = list(sys.meta_path)
import ovd.ui
from gradio import caching, component_meta
facts = {
    "pandas": "pandas" in sys.modules,
    "stubs": component_meta.create_or_modify_pyi.__module__,
    "hooks": sys.meta_path == before,
    "used": caching.pd.DataFrame.__name__,
}
import pandas
facts["real"] = pandas.DataFrame is caching.pd.DataFrame and type(pandas).__name__
print(json.dumps(facts))
"""


@pytest.fixture(scope="module")
def facts() -> dict[str, object]:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", FACTS], capture_output=True, text=True, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_gradio_is_imported_without_pandas(facts):
    assert facts["pandas"] is False


def test_gradio_writes_no_stubs(facts):
    assert facts["stubs"] == "ovd.ui.gradio_import"


def test_import_system_is_left_as_it_was(facts):
    assert facts["hooks"] is True


def test_pandas_is_imported_once_something_uses_it(facts):
    assert (facts["used"], facts["real"]) == ("DataFrame", "module")
