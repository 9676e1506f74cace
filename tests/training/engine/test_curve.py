import csv

import pytest
import torch

from ovd.errors import DatasetError
from ovd.training.engine.checkpoint import Progress
from ovd.training.engine.curve import CurveWriter, draw_curve
from ovd.training.losses.criterion import Losses

HEAD = "step,images,rate,loss,many,single,box,presence,anchors,iou,images_per_s\n"


def test_curve_is_plotted_as_png(tmp_path):
    table = tmp_path / "curve.csv"
    table.write_text(HEAD + "1,8,0.1,3,1,0,1,1,0,.4,9\n2,16,0.2,2,1,0,.5,.5,0,.5,9\n")

    draw_curve(table, tmp_path / "curve.png")

    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("content", [HEAD, "a,b\n1,2\n", HEAD + "1,x,0,0,0,0,0,0,0,0,0\n"])
def test_table_without_a_curve_is_refused(tmp_path, content):
    table = tmp_path / "curve.csv"
    table.write_text(content)

    with pytest.raises(DatasetError, match=r"curve\.csv"):
        draw_curve(table, tmp_path / "curve.png")


def test_curve_begun_by_an_earlier_version_keeps_its_columns(tmp_path):
    table = tmp_path / "curve.csv"
    table.write_text(HEAD + "1,8,0.1,3,1,0,1,1,0,.4,9\n")
    curve = CurveWriter(table)

    curve.add(
        Losses(torch.tensor(4.0), 1.0, 0.0, 1.0, 1.0, 0.5, captions=0.25, distill=0.75), 0.125
    )
    curve.write(Progress(2, 16), 0.2)

    _, row = csv.DictReader(table.read_text().splitlines())
    assert (row["step"], row["anchors"], row["iou"]) == ("2", "0.1250", "0.5000")
    assert None not in row


def test_curve_begun_with_an_earlier_name_of_a_column_goes_on_under_it(tmp_path):
    table = tmp_path / "curve.csv"
    table.write_text(HEAD.replace("presence", "presence,said"))
    curve = CurveWriter(table)

    curve.add(Losses(torch.tensor(4.0), 1.0, 0.0, 1.0, 1.0, 0.5, captions=0.25), 0.125)
    curve.write(Progress(2, 16), 0.2)

    (row,) = csv.DictReader(table.read_text().splitlines())
    assert (row["said"], row["anchors"]) == ("0.2500", "0.1250")
