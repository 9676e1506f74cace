import pytest

from ovd.errors import DatasetError
from ovd.training.curve import draw_curve

HEAD = "step,images,rate,loss,many,single,box,presence,anchors,iou,images_per_s\n"


def test_curve_becomes_a_picture(tmp_path):
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
