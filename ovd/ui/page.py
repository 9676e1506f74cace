"""The page: lays out the panels and connects what people do to what happens."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import gradio as gr
from starlette.applications import Starlette

from ovd.bootstrap import Services
from ovd.errors import OvdError
from ovd.texts.page import Language
from ovd.ui import view
from ovd.ui.chart_panel import ChartPanel, build_chart_panel
from ovd.ui.live_panel import LivePanel, build_live_panel
from ovd.ui.query_panel import (
    QueryPanel,
    add_query,
    build_query_panel,
    change_min_score,
    remove_query,
    replace_query,
    suggest_queries,
)
from ovd.ui.report_panel import (
    TIME_ZONES,
    ReportPanel,
    build_report_panel,
    choose_bucket,
    choose_format,
    choose_time_zone,
    draw_table,
    hide_pictures,
    show_pictures,
    write_download,
)
from ovd.ui.scene import Scene, take_scene
from ovd.ui.session import Session
from ovd.ui.source_panel import (
    SourceForm,
    SourcePanel,
    build_source_panel,
    start_again,
    start_camera,
)
from ovd.ui.theme import FAVICON, STYLE_SHEET, build_theme, own_html, read_script
from ovd.ui.wiring import listen, toast

REFRESH_S = 1.0
REPORT_REFRESH_S = 5.0
QUEUE_STATUS_S = 3600.0
LARGEST_UPLOAD = "4gb"


@dataclass(frozen=True, eq=False)
class Screen:
    """All panels of the page."""

    session: gr.State
    header: gr.HTML
    source: SourcePanel
    live: LivePanel
    queries: QueryPanel
    chart: ChartPanel
    report: ReportPanel

    @property
    def moving(self) -> list[Any]:
        """Components that change by themselves while cameras are counted."""
        return [self.header, *self.live.outputs, *self.queries.outputs, *self.chart.outputs]

    def draw(self, scene: Scene) -> list[Any]:
        """Values for `moving`."""
        return [
            gr.HTML(
                value=view.header(scene.rows, scene.session, scene.setting_up)
                + view.store_notice(scene.health, scene.texts),
                beat=time.monotonic(),
            ),
            *self.live.draw(scene),
            *self.queries.draw(scene),
            *self.chart.draw(scene),
        ]

    @property
    def everything(self) -> list[Any]:
        """Components that an action may change, the session first."""
        return [
            self.session,
            *self.source.labelled,
            *self.queries.labelled,
            *self.report.outputs,
            *self.moving,
        ]

    def draw_everything(self, services: Services, session: Session) -> list[Any]:
        """Values for `everything`."""
        scene = take_scene(services, session)
        return [
            session,
            *self.source.label(scene),
            *self.queries.label(scene),
            *self.report.draw(services, scene),
            *self.draw(scene),
        ]


def build_page(services: Services) -> gr.Blocks:
    """The page; one session per browser tab, all looking at the same fleet."""
    first = Session(language=Language(services.settings.ui_language))
    # Uploads and downloads that Gradio holds are deleted after a day; kept uploads are copies.
    blocks: gr.Blocks = gr.Blocks(
        title="ovd", analytics_enabled=False, fill_width=True, delete_cache=(3600, 86400)
    )
    with blocks:
        screen = _build_screen(first)
        _connect(services, blocks, screen)
    # Nobody is shown a place in the queue. Telling it with every event is also what would end
    # the queue for everybody when somebody has just closed the page.
    blocks.queue(status_update_rate=QUEUE_STATUS_S)
    return blocks


def _build_screen(first: Session) -> Screen:
    session = gr.State(first)
    header = own_html("header.js", beat=0.0)
    with gr.Row(elem_id="ovd-main", equal_height=False):
        with gr.Column(elem_id="ovd-left", scale=8, min_width=320):
            source = build_source_panel(first.texts)
            live = build_live_panel()
            chart = build_chart_panel()
        with gr.Column(elem_id="ovd-right", scale=5, min_width=320):
            queries = build_query_panel()
    report = build_report_panel(first.texts)
    return Screen(session, header, source, live, queries, chart, report)


def _connect(services: Services, blocks: gr.Blocks, screen: Screen) -> None:
    actions = _Actions(services, screen)
    visit = gr.Textbox(visible=False)
    listen(
        blocks.load,
        actions.of(begin_session),
        [screen.session, visit],
        screen.everything,
        js=read_script("visit.js"),
    )
    _connect_cameras(actions)
    _connect_source(actions)
    _connect_queries(actions)
    _connect_report(actions)
    listen(
        gr.Timer(REFRESH_S).tick,
        lambda session: screen.draw(take_scene(services, session)),
        [screen.session],
        screen.moving,
        queue=False,
    )


@dataclass(frozen=True, eq=False)
class _Actions:
    """Makes handlers out of functions that take services, session and values."""

    services: Services
    screen: Screen

    def of(self, change: Callable[..., Session]) -> Callable[..., list[Any]]:
        """A handler that changes the session and draws everything; errors become toasts."""

        def handler(session: Session, *values: Any) -> list[Any]:
            try:
                changed = change(self.services, session, *values)
                return self.screen.draw_everything(self.services, changed)
            except OvdError as error:
                raise toast(error, session) from error

        return handler

    def of_event(self, change: Callable[..., Session]) -> Callable[..., list[Any]]:
        """The same for events of our own HTML, whose data is passed on."""
        handle = self.of(change)

        def handler(session: Session, event: gr.EventData) -> list[Any]:
            return handle(session, event)

        return handler

    def on(
        self,
        event: Callable[..., Any],
        change: Callable[..., Session],
        *inputs: Any,
        **options: Any,
    ) -> Any:
        """Run `change` on an event, with the values of `inputs`; options as for `listen`."""
        everything = self.screen.everything
        inputs = (self.screen.session, *inputs)
        return listen(event, self.of(change), inputs, everything, **options)

    def on_html(
        self, event: Callable[..., Any], change: Callable[..., Session], **options: Any
    ) -> Any:
        """Run `change` on an event of our own HTML; options as for `listen`."""
        everything = self.screen.everything
        return listen(event, self.of_event(change), [self.screen.session], everything, **options)


def begin_session(services: Services, session: Session, visit: str) -> Session:
    """Take up what the browser says about itself and choose a camera to look at.

    Args:
        services: Where cameras are.
        session: A new session.
        visit: JSON of `assets/visit.js`: time zone, and language and camera from the address.
    """
    wishes = json.loads(visit)
    language = wishes["language"]
    zone = wishes["time_zone"]
    session = replace(
        session,
        begun=True,
        recorded=services.store.cameras.all(),
        draft=tuple(map(services.reader.read, services.saved_queries.all())),
        language=Language(language) if language in set(Language) else session.language,
        time_zone=zone if zone in TIME_ZONES else session.time_zone,
    )
    rows = take_scene(services, session).rows
    wanted = [row.name for row in rows if row.name == wishes["camera"]]
    counted = [row.name for row in rows if row.status is not None]
    names = (*wanted, *counted, *(row.name for row in rows), "")
    return replace(session, camera=names[0])


def _connect_cameras(actions: _Actions) -> None:
    header = actions.screen.header
    actions.on_html(header.pick_camera, _pick_camera)
    actions.on_html(header.open_form, _open_form)
    actions.on_html(header.choose_language, _choose_language)
    actions.on_html(actions.screen.live.bar.stop_counting, _stop_camera)


def _pick_camera(services: Services, session: Session, event: gr.EventData) -> Session:
    return replace(
        session,
        camera=str(event.value),
        adding=False,
        recorded=services.store.cameras.all(),
        stretch=None,
    )


def _open_form(services: Services, session: Session, event: gr.EventData) -> Session:
    return replace(session, adding=True, draft=take_scene(services, session).queries)


def _close_form(services: Services, session: Session) -> Session:
    return replace(session, adding=False)


def _choose_language(services: Services, session: Session, event: gr.EventData) -> Session:
    return replace(session, language=Language(event.value))


def _stop_camera(services: Services, session: Session, event: gr.EventData) -> Session:
    services.fleet.stop(session.camera)
    return session


def _connect_source(actions: _Actions) -> None:
    source, session = actions.screen.source, actions.screen.session
    listen(source.kind.change, source.show_kind, [source.kind], source.by_kind)
    actions.on(source.cancel.click, _close_form)
    busy = listen(source.start.click, source.busy, [session], [source.start])
    started = actions.on(busy.then, _start_camera, *source.inputs)
    listen(started.success, source.clear, [], source.typed)
    listen(started.failure, source.ready, [session], [source.start])
    again = actions.on(actions.screen.live.bar.start_again, _start_again, *source.inputs)
    prefill = partial(source.prefill, actions.services)
    listen(again.success, prefill, [session], source.prefilled)


def _start_camera(services: Services, session: Session, *values: Any) -> Session:
    return start_camera(services, session, SourceForm.of(*values))


def _start_again(services: Services, session: Session, *values: Any) -> Session:
    return start_again(services, session, SourceForm.of(*values).options)


def _connect_queries(actions: _Actions) -> None:
    queries = actions.screen.queries
    # One after the other, so that none of two quick changes is lost.
    in_turn = {"concurrency_limit": 1, "concurrency_id": "queries", "trigger_mode": "multiple"}
    added = actions.on_html(queries.entry.enter, _add_query, **in_turn)
    listen(added.success, None, [], [], js="() => window.ovdAnswered(true)")
    listen(added.failure, None, [], [], js="() => window.ovdAnswered(false)")
    listen(
        queries.box.change,
        partial(suggest_queries, actions.services),
        [actions.screen.session, queries.box],
        [queries.entry],
        queue=False,
        trigger_mode="always_last",
    )
    actions.on_html(queries.rows.replace_query, _replace_query, **in_turn)
    actions.on_html(queries.rows.remove_query, _remove_query, **in_turn)
    actions.on_html(queries.rows.change_threshold, _change_min_score, **in_turn)


def _add_query(services: Services, session: Session, event: gr.EventData) -> Session:
    return add_query(services, session, str(event.value))


def _replace_query(services: Services, session: Session, event: gr.EventData) -> Session:
    return replace_query(services, session, str(event.value), str(event.instead))


def _remove_query(services: Services, session: Session, event: gr.EventData) -> Session:
    return remove_query(services, session, str(event.value))


def _change_min_score(services: Services, session: Session, event: gr.EventData) -> Session:
    return change_min_score(services, session, str(event.value), float(event.min_score))


def _connect_report(actions: _Actions) -> None:
    report, session, services = actions.screen.report, actions.screen.session, actions.services
    actions.on(report.bucket.input, choose_bucket, report.bucket)
    actions.on(report.time_zone.input, choose_time_zone, report.time_zone)
    actions.on(report.format_name.input, choose_format, report.format_name)
    actions.on_html(report.table.show_evidence, show_pictures)
    actions.on_html(report.gallery.hide_evidence, hide_pictures)
    listen(
        gr.Timer(REPORT_REFRESH_S).tick,
        lambda session: draw_table(services, session),
        [session],
        [report.table],
        queue=False,
    )

    def write(session: Session) -> str:
        try:
            return write_download(services, session, report.file)
        except OvdError as error:
            raise toast(error, session) from error

    written = listen(report.download.click, write, [session], [report.file])
    written.success(None, js=read_script("download.js"))


def mount_page(web: Starlette, services: Services) -> None:
    """Serve the page at the root of `web`, below the routes that it has already.

    Call it inside the event loop: Gradio would leave loops of its own behind otherwise.
    """
    gr.mount_gradio_app(
        web,
        build_page(services),
        path="/",
        root_path=services.settings.root_path or None,
        footer_links=[],
        run_history=False,
        favicon_path=str(FAVICON),
        max_file_size=LARGEST_UPLOAD,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        theme=build_theme(),
        css_paths=[STYLE_SHEET],
    )
