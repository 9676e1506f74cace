"""Every word the interface shows, in English and Korean."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Language(StrEnum):
    """Languages of the interface; the value is the HTML language code."""

    EN = "en"
    KO = "ko"


LANGUAGE_NAMES: Mapping[Language, str] = MappingProxyType(
    {Language.EN: "English", Language.KO: "한국어"}
)


@dataclass(frozen=True)
class Texts:
    """The words of one language; fields in braces are filled with `str.format`."""

    tagline: str
    add_camera: str
    cameras: str
    language: str
    theme: str

    state_running: str
    state_connecting: str
    state_done: str
    state_stopped: str
    state_lost: str
    state_failed: str
    state_interrupted: str
    state_idle: str

    live_alt: str
    live_idle_title: str
    live_idle_text: str
    live_waiting: str
    live_done: str
    live_done_text: str
    live_stopped: str
    live_lost: str
    live_failed: str
    live_no_signal: str
    live_no_signal_text: str
    frames_counted: str
    rate: str
    per_second: str
    rate_slowed: str
    reconnects: str
    capacity: str
    frame_age: str
    seconds: str
    source: str
    stop: str
    start_again: str

    query_title: str
    query_placeholder: str
    query_add: str
    query_empty_title: str
    query_empty_text: str
    query_read_as: str
    query_min_score: str
    query_remove: str
    query_now: str
    query_last: str
    query_no_count: str
    query_unsupported: str
    query_unique: str
    query_crossed: str
    query_exists: str
    query_same: str
    query_instead: str
    query_suggestions: str
    query_draft: str

    setup_title: str
    setup_first: str
    setup_text: str
    setup_kind: str
    kind_sample: str
    kind_upload: str
    kind_url: str
    sample_clip: str
    upload: str
    url: str
    url_placeholder: str
    url_info: str
    camera_name: str
    camera_placeholder: str
    sampling: str
    every_frame: str
    sampling_rate: str
    realtime: str
    realtime_info: str
    loop: str
    loop_info: str
    start: str
    starting: str
    cancel: str
    needs_query: str
    needs_upload: str
    needs_url: str
    reference_unknown: str

    chart_title: str
    chart_empty: str
    chart_label: str
    chart_gap: str

    report_title: str
    bucket: str
    bucket_1s: str
    bucket_1m: str
    bucket_15m: str
    bucket_1h: str
    bucket_1d: str
    time_zone: str
    format_name: str
    format_xlsx: str
    format_pdf: str
    format_html: str
    download: str
    column_time: str
    column_query: str
    column_mean: str
    column_max: str
    column_samples: str
    column_coverage: str
    report_empty: str
    report_note: str
    not_observed: str

    evidence_show: str
    evidence_title: str
    evidence_note: str
    evidence_none: str
    evidence_close: str

    store_low: str
    store_failing: str

    error_title: str
    offline: str


ENGLISH = Texts(
    tagline="Type what to look for. Get counts.",
    add_camera="Add camera",
    cameras="Cameras",
    language="Language",
    theme="Light or dark",
    state_running="Counting",
    state_connecting="Connecting",
    state_done="Finished",
    state_stopped="Stopped",
    state_lost="Signal lost",
    state_failed="Failed",
    state_interrupted="Interrupted",
    state_idle="Not counting",
    live_alt="Live picture of {camera} with a box around every counted object",
    live_idle_title="{camera} is not being counted",
    live_idle_text="What it recorded is kept below. Start it to count again.",
    live_waiting="Waiting for the first frame…",
    live_done="Clip finished",
    live_done_text="{frames} frames counted",
    live_stopped="Stopped",
    live_lost="Signal lost",
    live_failed="Counting failed",
    live_no_signal="No signal",
    live_no_signal_text="Last picture {seconds} s ago",
    frames_counted="Frames counted",
    rate="Rate",
    per_second="{value} / s",
    rate_slowed="{rate} of {wanted}",
    reconnects="Reconnects",
    capacity="This machine does about {speed} frames per second: {cameras} cameras at {fps} each.",
    frame_age="Picture age",
    seconds="{value} s",
    source="Source",
    stop="Stop",
    start_again="Start again",
    query_title="What to count",
    query_placeholder="e.g. person, bicycle, vehicle",
    query_add="Add",
    query_empty_title="Nothing to count yet",
    query_empty_text="Type a thing above and press Enter.",
    query_read_as="read as",
    query_min_score="Threshold",
    query_remove="Remove {query}",
    query_now="in view",
    query_last="last seen",
    query_no_count="no count",
    query_unsupported="Not supported",
    query_exists='"{query}" is in the list already.',
    query_same='"{query}" counts the same as "{listed}", which is in the list already.',
    query_instead="Count {query} instead",
    query_suggestions="Suggestions",
    query_draft="Counted as soon as the camera starts.",
    query_unique="{count} different",
    query_crossed="in {crossed_in}, out {crossed_out}",
    setup_title="Add a camera",
    setup_first="Start counting",
    setup_text="Choose a video and say what to look for. Counts are kept in the database.",
    setup_kind="Source",
    kind_sample="Sample clip",
    kind_upload="Upload",
    kind_url="Stream URL",
    sample_clip="Clip",
    upload="Video file: drop it here or click to choose",
    url="URL",
    url_placeholder="rtsp://user:password@192.168.0.20/stream1",
    url_info="rtsp://, rtsps:// or http(s)://. The password is never stored or shown.",
    camera_name="Camera name",
    camera_placeholder="e.g. entrance; empty takes the name of the source",
    sampling="Frames to count",
    every_frame="Every frame",
    sampling_rate="{value} per second",
    realtime="Play at the speed of the clip",
    realtime_info="Off counts as fast as this machine can.",
    loop="Repeat until stopped",
    loop_info="Every pass is counted again.",
    start="Start counting",
    starting="Opening the source…",
    cancel="Cancel",
    needs_query="Add at least one thing to count first.",
    needs_upload="Choose a video file to upload first.",
    reference_unknown="{NAME} works here only in an address as given to ovd cameras add.",
    needs_url="Enter the address of the stream, such as rtsp://192.168.0.20/stream1.",
    chart_title="Counts over time",
    chart_empty="The chart appears with the first counted frame.",
    chart_label="Objects in view over time, one line per query",
    chart_gap="Not observed",
    report_title="Report",
    bucket="Group by",
    bucket_1s="Second",
    bucket_1m="Minute",
    bucket_15m="15 minutes",
    bucket_1h="Hour",
    bucket_1d="Day",
    time_zone="Time zone",
    format_name="File",
    format_xlsx="Excel",
    format_pdf="PDF to print",
    format_html="Web page",
    download="Download",
    column_time="Time",
    column_query="Query",
    column_mean="Mean",
    column_max="Max",
    column_samples="Frames",
    column_coverage="Observed",
    report_empty="No counts recorded for this camera yet.",
    report_note="The newest rows. The download holds everything recorded for this camera.",
    not_observed="not observed",
    evidence_show="Show pictures",
    evidence_title="{query}, {start} to {end}",
    evidence_note="{shown} of {all} pictures kept, with time and score; the fullest is shown.",
    evidence_none="No pictures of this stretch are kept.",
    evidence_close="Close the pictures",
    store_low="The disk is nearly full, {free} MB free: the oldest pictures and then the oldest "
    "counts per frame are removed early; sums per minute, hour and day stay. Free some space.",
    store_failing="Counts cannot be written, {queued} wait in memory: {detail}",
    error_title="That did not work",
    offline="No connection to the server. What you see is old; it is tried again by itself.",
)

KOREAN = Texts(
    tagline="찾을 것을 적으면 바로 셉니다.",
    add_camera="카메라 추가",
    cameras="카메라",
    language="언어",
    theme="밝게 또는 어둡게",
    state_running="집계 중",
    state_connecting="연결 중",
    state_done="완료",
    state_stopped="중지됨",
    state_lost="신호 끊김",
    state_failed="실패",
    state_interrupted="중단됨",
    state_idle="집계 안 함",
    live_alt="{camera} 카메라의 실시간 화면. 집계한 물체마다 상자가 표시됩니다",
    live_idle_title="{camera} 카메라는 지금 집계하지 않습니다",
    live_idle_text="지난 기록은 아래에 남아 있습니다. 다시 시작하면 이어서 집계합니다.",
    live_waiting="첫 화면을 기다리는 중…",
    live_done="영상이 끝났습니다",
    live_done_text="{frames}개 프레임을 집계했습니다",
    live_stopped="중지했습니다",
    live_lost="신호가 끊겼습니다",
    live_failed="집계에 실패했습니다",
    live_no_signal="신호 없음",
    live_no_signal_text="마지막 화면 {seconds}초 전",
    frames_counted="집계한 프레임",
    rate="처리 속도",
    per_second="초당 {value}",
    rate_slowed="{rate} (요청 {wanted})",
    reconnects="다시 연결",
    capacity="이 컴퓨터는 초당 약 {speed}장을 처리합니다: 초당 {fps}장씩 카메라 {cameras}대.",
    frame_age="화면 지연",
    seconds="{value}초",
    source="영상 소스",
    stop="중지",
    start_again="다시 시작",
    query_title="셀 대상",
    query_placeholder="예: 사람, 자전거, 빨간 차",
    query_add="추가",
    query_empty_title="아직 셀 대상이 없습니다",
    query_empty_text="위에 찾을 것을 적고 Enter를 누르세요.",
    query_read_as="해석",
    query_min_score="임계값",
    query_remove="{query} 삭제",
    query_now="현재",
    query_last="마지막 집계",
    query_no_count="집계 없음",
    query_unsupported="지원하지 않음",
    query_exists="“{query}”은(는) 이미 목록에 있습니다.",
    query_same="“{query}”은(는) 이미 목록에 있는 “{listed}”와(과) 같은 것을 셉니다.",
    query_instead="대신 {query} 세기",
    query_suggestions="추천 검색어",
    query_draft="카메라를 시작하면 바로 집계합니다.",
    setup_title="카메라 추가",
    setup_first="집계 시작하기",
    setup_text="영상을 고르고 무엇을 셀지 적으세요. 집계 결과는 데이터베이스에 저장됩니다.",
    setup_kind="영상 소스",
    query_unique="서로 다른 {count}",
    query_crossed="들어옴 {crossed_in}, 나감 {crossed_out}",
    kind_sample="샘플 영상",
    kind_upload="파일 업로드",
    kind_url="스트림 주소",
    sample_clip="영상",
    upload="영상 파일: 여기에 놓거나 눌러서 고르세요",
    url="주소(URL)",
    url_placeholder="rtsp://user:password@192.168.0.20/stream1",
    url_info="rtsp://, rtsps://, http(s)://. 비밀번호는 저장하거나 표시하지 않습니다.",
    camera_name="카메라 이름",
    camera_placeholder="예: 정문 (비우면 영상 이름을 씁니다)",
    sampling="집계할 프레임",
    every_frame="모든 프레임",
    sampling_rate="초당 {value}장",
    realtime="영상 속도에 맞춰 재생",
    realtime_info="끄면 가능한 한 빠르게 집계합니다.",
    loop="중지할 때까지 반복",
    loop_info="반복할 때마다 다시 집계합니다.",
    start="집계 시작",
    starting="영상을 여는 중…",
    cancel="취소",
    needs_query="먼저 셀 대상을 하나 이상 추가하세요.",
    needs_upload="먼저 업로드할 영상 파일을 고르세요.",
    reference_unknown="{NAME}은 ovd cameras add로 추가한 주소 그대로일 때만 쓸 수 있습니다.",
    needs_url="스트림 주소를 적으세요. 예: rtsp://192.168.0.20/stream1",
    chart_title="시간별 집계",
    chart_empty="첫 프레임을 집계하면 그래프가 나타납니다.",
    chart_label="시간에 따른 화면 속 물체 수, 셀 대상마다 선 하나",
    chart_gap="관측 안 됨",
    report_title="보고서",
    bucket="집계 단위",
    bucket_1s="1초",
    bucket_1m="1분",
    bucket_15m="15분",
    bucket_1h="1시간",
    bucket_1d="1일",
    time_zone="시간대",
    format_name="파일 형식",
    format_xlsx="엑셀",
    format_pdf="인쇄용 PDF",
    format_html="웹 페이지",
    download="내려받기",
    column_time="시각",
    column_query="셀 대상",
    column_mean="평균",
    column_max="최대",
    column_samples="프레임",
    column_coverage="관측률",
    report_empty="이 카메라의 집계 기록이 아직 없습니다.",
    report_note="최근 행만 보입니다. 내려받은 파일에는 이 카메라의 모든 기록이 들어 있습니다.",
    not_observed="관측 안 됨",
    evidence_show="사진 보기",
    evidence_title="{query}, {start}부터 {end}까지",
    evidence_note="보관한 사진 {all}장 중 {shown}장. 가장 많이 보인 프레임이 들어 있습니다.",
    evidence_none="이 시간의 사진은 보관되어 있지 않습니다.",
    evidence_close="사진 닫기",
    store_low="디스크가 거의 찼습니다(남은 공간 {free} MB). 오래된 사진과 프레임별 집계를 먼저 "
    "지웁니다. 분·시간·일 합계는 남습니다. 공간을 비워 주세요.",
    store_failing="집계를 저장하지 못하고 있습니다. {queued}건이 메모리에서 기다립니다: {detail}",
    error_title="처리하지 못했습니다",
    offline="서버에 연결되지 않습니다. 지금 보이는 내용은 지난 것이며, 자동으로 다시 연결합니다.",
)

TEXTS: Mapping[Language, Texts] = MappingProxyType({Language.EN: ENGLISH, Language.KO: KOREAN})


def texts_for(language: Language) -> Texts:
    """The words of one language."""
    return TEXTS[language]
