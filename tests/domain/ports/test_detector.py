import pytest

from ovd.domain.ports import DetectorInfo


def test_detector_id_names_detector_and_weights():
    info = DetectorInfo("embedded", "0123456789abcdef" * 4, ("person",), 0.35)

    assert info.detector_id == "embedded@0123456789ab"


@pytest.mark.parametrize(("name", "min_score"), [("", 0.5), ("x", 1.5), ("x", float("nan"))])
def test_detector_info_refuses_no_name_and_impossible_thresholds(name, min_score):
    with pytest.raises(ValueError, match=r"name|min_score"):
        DetectorInfo(name, "0" * 64, ("person",), min_score)
