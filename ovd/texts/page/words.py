"""The words of the page by name; each language is a module of this package."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PageTexts:
    """The words of one language; fields in braces are filled with `str.format`."""

    tagline: str
    add_camera: str
    cameras: str
    language: str
    theme: str
    sign_out: str

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
    query_pending: str
    query_unknown: str
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
    chart_band: str
    chart_unjudged: str

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
    report_unjudged: str
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
