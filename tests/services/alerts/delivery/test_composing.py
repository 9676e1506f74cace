from datetime import timedelta

import pytest

from ovd.domain.alerts import Condition, Severity, TargetOptions
from ovd.services.alerts.delivery.composing import compose_digest, compose_message
from ovd.texts.alert_messages import ALERT_MESSAGE_TEXTS
from ovd.texts.languages import Language
from tests.builders import START, make_alert_message

KOREAN = TargetOptions(language="ko", tz="Asia/Seoul")


def test_message_says_what_happened_where_and_since_when():
    message = make_alert_message(zone="counter", link="https://ovd.example.org/?camera=gate")

    notice = compose_message(message, TargetOptions())

    assert notice.title == "[Warning] person at gate, counter: 6, above 5"
    assert notice.text.splitlines()[1:] == [
        "Rule: crowd",
        "Since: 2026-03-01 12:00:00 (UTC)",
        "Page: https://ovd.example.org/?camera=gate",
    ]
    assert notice.body == message.body()
    assert notice.key == message.idempotency_key


def test_korean_message_has_the_time_of_its_place():
    notice = compose_message(
        make_alert_message(camera="정문", query="사람", severity=Severity.CRITICAL), KOREAN
    )

    assert notice.title == "[긴급] 정문: 사람 6, 기준 5 초과"
    assert "시작: 2026-03-01 21:00:00 (Asia/Seoul)" in notice.text


def test_end_says_how_long_it_lasted():
    message = make_alert_message(2, ended_at=START + timedelta(minutes=5))

    lines = compose_message(message, TargetOptions()).text.splitlines()

    assert lines[0] == "[Warning] Over: person at gate: 6, above 5"
    assert "Lasted: 5 min" in lines


def test_alert_that_is_not_observed_says_so():
    notice = compose_message(make_alert_message(2, observed=False, count=None), TargetOptions())

    assert "not observed" in notice.text
    assert "?" in notice.title


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("when", list(Condition))
def test_every_condition_has_words(language, when):
    message = make_alert_message(when=when)

    title = compose_message(message, TargetOptions(language=language)).title

    assert "{" not in title
    assert set(ALERT_MESSAGE_TEXTS[language].conditions) == {item.value for item in Condition}


def test_digest_takes_the_greatest_severity_and_lists_what_fits():
    messages = [make_alert_message(id=f"a{number}") for number in range(25)]
    messages.append(make_alert_message(id="x", severity=Severity.CRITICAL))

    notice = compose_digest(messages, KOREAN)

    assert notice.severity == "critical"
    assert notice.title == "알림 26건"
    assert len(notice.text.splitlines()) == 21
