import httpx
from prometheus_client.parser import text_string_to_metric_families

from ovd.domain.access import Role
from tests.stages import Stage
from tests.web.site import add_user, issue_token, visit


def scrape(stage: Stage, token: str = "") -> httpx.Response:
    assert stage.services.events is not None
    stage.services.events.wait_idle(5.0)

    async def fetch(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get("/metrics")

    return visit(stage, fetch, token=token)


def values_of(answer: httpx.Response) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_metrics_tell_of_cameras_detector_and_database(stage: Stage):
    stage.count()

    values = values_of(scrape(stage))

    assert values["ovd_frames_total", "gate"] == 10
    assert values["ovd_gap_seconds_total", "gate"] == 0
    assert values["ovd_reconnects_total", "gate"] == 0
    assert values["ovd_camera_up", "gate"] == 0
    assert values["ovd_detect_seconds_count",] == 10
    assert values["ovd_store_queue_length",] == 0
    assert values["ovd_thread_up", "store"] == 1
    assert any(name[0] == "ovd_build_info" for name in values)


def test_what_is_not_observed_is_absent(stage: Stage):
    stage.count()

    values = values_of(scrape(stage))

    assert not [name for name in values if name[0] == "ovd_observed_objects"]


def test_metrics_need_a_token_where_there_are_users(stage: Stage):
    add_user(stage)

    assert scrape(stage).status_code == 401
    assert scrape(stage, issue_token(stage, Role.VIEWER)).status_code == 200


def test_a_viewer_of_one_camera_gets_no_numbers_of_another(stage: Stage):
    add_user(stage)
    stage.count("gate")
    stage.count("yard")

    token = issue_token(stage, Role.VIEWER, cameras=("yard",))

    values = values_of(scrape(stage, token))
    cameras = {name[1] for name in values if name[0] == "ovd_frames_total"}
    assert cameras == {"yard"}


def test_names_are_escaped(stage: Stage):
    stage.count('ga"te\\')

    values = values_of(scrape(stage))

    assert values["ovd_frames_total", 'ga"te\\'] == 10
