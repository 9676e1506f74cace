from dataclasses import replace

from ovd.ui.session import Session, View
from ovd.ui.sessions import MOST_SESSIONS, Click, Sessions


def test_session_of_a_tab_is_found():
    sessions = Sessions()

    sessions.begin("tab", Session(camera="gate"))

    assert sessions.find("tab") == Session(camera="gate")
    assert sessions.find("other") is None


def test_actions_at_the_same_time_keep_what_each_changed():
    sessions = Sessions()
    before = Session(camera="gate")
    sessions.begin("tab", before)

    sessions.change("tab", before, replace(before, bucket="1h"))
    sessions.change("tab", before, replace(before, camera="yard"))

    assert sessions.find("tab") == Session(camera="yard", bucket="1h")


def test_tab_that_was_forgotten_stays_forgotten():
    sessions = Sessions()

    sessions.change("tab", Session(), Session(camera="gate"))

    assert sessions.find("tab") is None


def test_session_used_longest_ago_is_forgotten_first():
    sessions = Sessions()
    for number in range(MOST_SESSIONS):
        sessions.begin(f"tab {number}", Session())
    sessions.find("tab 0")

    sessions.begin("one more", Session())

    assert sessions.find("tab 0") is not None
    assert sessions.find("tab 1") is None


def test_of_two_clicks_the_later_holds_however_they_arrive():
    sessions = Sessions()
    sessions.begin("tab", Session())

    sessions.follow("tab", Click("place", 2), lambda session: replace(session, view=View.LIVE))
    sessions.follow("tab", Click("place", 1), lambda session: replace(session, view=View.HISTORY))
    sessions.follow("tab", Click("language", 1), lambda session: replace(session, camera="gate"))

    assert sessions.find("tab") == Session(view=View.LIVE, camera="gate")


def test_click_keeps_what_another_changed_meanwhile():
    sessions = Sessions()
    sessions.begin("tab", Session())

    def choose(session: Session) -> Session:
        if not session.camera:
            sessions.follow("tab", Click("camera", 1), lambda found: replace(found, camera="gate"))
        return replace(session, view=View.HISTORY)

    sessions.follow("tab", Click("place", 2), choose)

    assert sessions.find("tab") == Session(view=View.HISTORY, camera="gate")


def test_click_of_a_tab_that_was_forgotten_changes_nothing():
    sessions = Sessions()

    sessions.follow("tab", Click("place", 1), lambda session: replace(session, camera="gate"))

    assert sessions.find("tab") is None
