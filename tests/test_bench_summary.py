import pytest

from bench.summary import FILE_VARIABLE, Figure, describe, note


@pytest.mark.parametrize(
    ("figure", "ratio"),
    [
        (Figure("frame", 20.0, "ms", 50.0, "PyTorch"), 2.5),
        (Figure("counting", 20.0, "frames/s", 50.0, "alone", less_is_better=False), 0.4),
        (Figure("damaged", 0.0, "of 100"), None),
        (Figure("nothing", 0.0, "ms", 50.0, "PyTorch"), None),
    ],
)
def test_ratio_is_above_one_where_a_figure_beats_its_baseline(figure, ratio):
    assert figure.ratio == ratio


def test_summary_names_figures_ratios_and_failures():
    lines = describe({"runtimes": [Figure("frame", 20.0, "ms", 50.0, "PyTorch")]}, ["store"])

    assert "frame" in lines[1]
    assert "2.50  to PyTorch" in lines[1]
    assert lines[2].startswith("store")
    assert "FAILED" in lines[2]


def test_figure_is_kept_only_where_a_summary_waits_for_it(tmp_path, monkeypatch):
    note(Figure("frame", 20.0, "ms"))
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "figures"))

    note(Figure("frame", 20.0, "ms"))

    assert (tmp_path / "figures").read_text().count("frame") == 1
