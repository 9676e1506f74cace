from dataclasses import replace

import pytest

from ovd.domain.access import Role
from ovd.domain.cameras import Camera
from ovd.domain.ports import Capacity
from ovd.domain.records import StoreHealth, StoreState
from ovd.services.overview import Overview
from ovd.ui.cameras.panel import describe_words, draw_cameras, list_cameras
from ovd.ui.session import Session
from tests.builders import START
from tests.ui.samples import RUNNING
from tests.web.identities import make_identity

CAMERAS = (Camera(1, "gate", "rtsp://192.0.2.7/1", START), Camera(2, "yard", "webcam:0", START))
OVERVIEW = Overview(
    (replace(RUNNING, camera="clip"),),
    CAMERAS,
    StoreHealth(StoreState.GOOD, 0, None, ""),
    Capacity(14.0, 5.0, 1, ()),
)


def test_cameras_of_the_database_and_the_fleet_are_listed_by_name():
    assert [item.name for item in list_cameras(OVERVIEW, Session())] == ["clip", "gate", "yard"]


def test_only_permitted_cameras_are_listed():
    session = Session(identity=make_identity(Role.VIEWER, frozenset({"yard"})))

    assert [item.name for item in list_cameras(OVERVIEW, session)] == ["yard"]


@pytest.mark.parametrize(
    ("role", "operator", "admin"),
    [(Role.VIEWER, False, False), (Role.OPERATOR, True, False), (Role.ADMIN, True, True)],
)
def test_windows_are_told_what_the_role_may_do(role: Role, operator: bool, admin: bool):
    told = describe_words(Session(identity=make_identity(role)))

    assert (told["operator"], told["admin"]) == (operator, admin)


def test_buttons_say_for_which_role_they_are():
    html = draw_cameras(OVERVIEW, Session(), START)

    assert 'class="ovd-main operator" data-camera-act="add"' in html
    assert 'class="ovd-plain admin" data-camera-act="import"' in html
    assert "This machine counts about 14 frames per second" in html
