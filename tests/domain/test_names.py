import pytest

from ovd.domain.cameras import CameraQuery
from ovd.domain.names import name_key, normalise_name
from ovd.domain.records import CountSelection
from ovd.domain.zones import LineZone, require_distinct_names
from ovd.errors import ZoneError
from ovd.services.reports.report import ReportRequest
from tests.builders import make_query

NFC, NFD = "\uc815\ubb38", "\u110c\u1165\u11bc\u1106\u116e\u11ab"
POINTS = ((0.1, 0.5), (0.9, 0.5))


@pytest.mark.parametrize("text", [NFC, NFD, f" {NFD}\t"])
def test_one_name_has_one_form(text: str):
    assert normalise_name(text) == NFC


def test_case_does_not_tell_names_apart_in_a_key():
    assert name_key(" Stra\u00dfe") == name_key("STRASSE")


def test_names_of_zones_queries_and_filters_have_one_form():
    assert LineZone(NFD, POINTS).name == NFC
    assert make_query(f"{NFD} ").text == NFC
    assert CameraQuery(NFD).text == NFC
    assert CountSelection(cameras=(NFD,), queries=(NFD,)) == CountSelection((NFC,), (NFC,))
    assert ReportRequest(cameras=(NFD,)).cameras == (NFC,)


def test_zones_whose_names_look_the_same_are_refused():
    with pytest.raises(ZoneError, match="two zones are named"):
        require_distinct_names([LineZone(NFC, POINTS), LineZone(NFD, POINTS)])
