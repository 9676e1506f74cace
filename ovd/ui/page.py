"""The page: lays out the panels and connects what people do to what happens."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.applications import Starlette
from starlette.routing import Mount

from ovd.bootstrap import Services
from ovd.errors import OvdError
from ovd.texts.languages import Language
from ovd.ui.alerts.panel import build_alerts_panel
from ovd.ui.camera_form import CameraForm, FormValues, build_camera_form
from ovd.ui.cameras.panel import build_cameras_panel
from ovd.ui.handlers import Handlers, listen, operator, read_identity, toast
from ovd.ui.history.events import HistoryDrawing, connect_history
from ovd.ui.history.panel import build_history_panel
from ovd.ui.live_page import LivePage
from ovd.ui.page_state import begin_session, read_page_state
from ovd.ui.query_panel import (
    QueryPanel,
    add_query,
    add_tried,
    build_query_panel,
    change_min_score,
    copy_query,
    list_catalogue,
    move_query,
    read_again,
    remove_query,
    replace_query,
    restore_query,
    suggest_queries,
)
from ovd.ui.report_panel import (
    ReportPanel,
    build_report_panel,
    choose_bucket,
    choose_format,
    choose_time_zone,
    hide_evidence,
    show_evidence,
    write_download,
)
from ovd.ui.reports.panel import build_reports_panel
from ovd.ui.session import NO_WALL, Session, View
from ovd.ui.sites.panel import build_sites_panel
from ovd.ui.start_camera import start_again, start_camera, stop_camera
from ovd.ui.system.panel import build_system_panel
from ovd.ui.theme import (
    APP_LINKS,
    FAVICON,
    PAGE_SCRIPTS,
    STYLE_SHEETS,
    build_theme,
    live_html,
    own_html,
    read_script,
)
from ovd.ui.trying.panel import build_try_panel
from ovd.ui.wall.panel import build_wall, choose_wall

QUEUE_STATUS_S = 3600.0
LARGEST_UPLOAD = "4gb"
FRONTEND = Path(gr.__file__).parent / "templates" / "frontend" / "assets"


@dataclass(frozen=True, eq=False)
class Page:
    """The page, built once for all tabs.

    Attributes:
        blocks: Gradio's part of it.
        live: What tabs are sent while they are open.
    """

    blocks: gr.Blocks
    live: LivePage


@dataclass(frozen=True, eq=False)
class Panels:
    """All panels of the page."""

    header: gr.HTML
    bar: gr.HTML
    form: CameraForm
    queries: QueryPanel
    report: ReportPanel
    history: gr.HTML
    cameras: gr.HTML
    wall: gr.HTML

    @property
    def labelled(self) -> list[Any]:
        """Return the components whose words depend on the language."""
        return [*self.form.labelled, *self.queries.labelled, *self.report.labelled]

    def label(self, session: Session) -> list[Any]:
        """Return words for `labelled`."""
        return [
            *self.form.label(session),
            *self.queries.label(session),
            *self.report.label(session),
        ]


def build_page(services: Services) -> Page:
    """Build the page; one session per browser tab, all of the same fleet."""
    first = Session(language=Language(services.settings.ui_language))
    live = LivePage(services)
    # Uploads and downloads that Gradio holds are deleted after a day; kept uploads are copies.
    blocks: gr.Blocks = gr.Blocks(
        title="ovd", analytics_enabled=False, fill_width=True, delete_cache=(3600, 86400)
    )
    with blocks:
        panels = _build_panels(first)
        handlers = Handlers(services, live)
        _connect_visit(handlers, blocks, panels, first)
        _connect_cameras(handlers, panels)
        _connect_form(handlers, panels)
        _connect_queries(handlers, panels)
        _connect_report(handlers, panels)
        connect_history(handlers, panels.history)
    # Nobody is shown a place in the queue. Telling it with every event is also what would end
    # the queue for everybody when somebody has just closed the page.
    blocks.queue(status_update_rate=QUEUE_STATUS_S)
    return Page(blocks, live)


def mount_page(web: Starlette, page: Page, root_path: str = "") -> None:
    """Serve the page at the root of `web`, below the routes that it has already.

    Call it inside the event loop: Gradio would leave loops of its own behind otherwise.

    Args:
        web: A FastAPI application.
        page: The page.
        root_path: Path below which a proxy shows the application.
    """
    gr.mount_gradio_app(
        web,
        page.blocks,
        path="/",
        root_path=root_path or None,
        footer_links=[],
        run_history=False,
        favicon_path=str(FAVICON),
        max_file_size=LARGEST_UPLOAD,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        theme=build_theme(),
        css_paths=list(STYLE_SHEETS),
        head=f"{APP_LINKS}<script>{''.join(map(read_script, PAGE_SCRIPTS))}</script>",
    )


def end_heartbeats(web: Starlette) -> None:
    """End the endless responses of the page that is mounted on `web`, so that it can shut down."""
    for route in web.routes:
        if isinstance(route, Mount) and isinstance(route.app, gr.routes.App):
            route.app.stop_event.set()


def _build_panels(first: Session) -> Panels:
    header = live_html("header", "header.js", tab="")
    with gr.Row(elem_id="ovd-main", equal_height=False):
        with gr.Column(elem_id="ovd-left", scale=8, min_width=320):
            form = build_camera_form(first.texts)
            with gr.Column(elem_classes="ovd-card ovd-live ovd-of-camera"):
                with gr.Column(elem_classes="ovd-screen"):
                    own_html("live_image.js", "ovd-stream")
                    live_html("overlay", css_class="ovd-overlay")
                bar = live_html("bar", "live_bar.js")
            with gr.Column(elem_classes="ovd-card ovd-chart-card"):
                own_html("chart.js")
        with gr.Column(elem_id="ovd-right", scale=5, min_width=320):
            queries = build_query_panel()
    report = build_report_panel(first.texts)
    history, cameras = build_history_panel(), build_cameras_panel()
    build_alerts_panel()
    build_reports_panel()
    build_sites_panel()
    build_system_panel()
    build_try_panel()
    return Panels(header, bar, form, queries, report, history, cameras, build_wall())


def _connect_visit(handlers: Handlers, blocks: gr.Blocks, panels: Panels, first: Session) -> None:
    def begin(request: gr.Request, visit: str) -> list[Any]:
        tab = request.session_hash or ""
        try:
            opened = replace(first, identity=read_identity(request))
            session = begin_session(handlers.services, opened, visit)
        except OvdError as error:
            raise toast(error, first.language) from error
        handlers.live.sessions.begin(tab, session)
        return [gr.HTML(tab=tab), *panels.label(session)]

    visit = gr.Textbox(visible=False)
    outputs = [panels.header, *panels.labelled]
    begun = listen(blocks.load, begin, [visit], outputs, js=read_script("visit.js"))
    HistoryDrawing(handlers).after(begun, panels.history)


def _connect_cameras(handlers: Handlers, panels: Panels) -> None:
    header = panels.header
    picked = handlers.follow(header.pick_camera, _pick_camera)
    handlers.follow(header.open_form, _open_form)
    chosen = handlers.follow(header.choose_language, _choose_language)
    handlers.then(chosen.success, panels.label, panels.labelled, trigger_mode="always_last")
    viewed = handlers.follow(header.choose_view, _choose_view)
    handlers.follow(header.choose_wall, choose_wall)
    handlers.follow(panels.wall.choose_wall, choose_wall)
    handlers.follow(panels.wall.pick_camera, _pick_camera)
    handlers.follow(panels.cameras.show_live, _show_live)
    for event in (picked, chosen, viewed):
        HistoryDrawing(handlers).after(event, panels.history)
    handlers.on_html(panels.bar.stop_counting, _stop_camera, operator("cameras.stop"))


def _pick_camera(services: Services, session: Session, event: gr.EventData) -> Session:
    history = replace(session.history, camera="")
    return replace(
        session,
        camera=str(event.value),
        adding=False,
        evidence=None,
        history=history,
        wall=NO_WALL,
    )


def _show_live(services: Services, session: Session, event: gr.EventData) -> Session:
    return replace(_pick_camera(services, session, event), view=View.LIVE)


def _open_form(services: Services, session: Session, event: gr.EventData) -> Session:
    services.overview.expire()
    state = read_page_state(services.overview.now(), services.fleet, session)
    return replace(session, adding=True, draft=state.queries, view=View.LIVE)


def _close_form(services: Services, session: Session) -> Session:
    return replace(session, adding=False)


def _stop_camera(services: Services, session: Session, event: gr.EventData) -> Session:
    return stop_camera(services, session)


def _choose_language(services: Services, session: Session, event: gr.EventData) -> Session:
    return replace(session, language=Language(event.value))


def _choose_view(services: Services, session: Session, event: gr.EventData) -> Session:
    return replace(session, view=View(event.value), evidence=None)


def _connect_form(handlers: Handlers, panels: Panels) -> None:
    form = panels.form
    listen(form.kind.change, form.show_kind, [form.kind], form.by_kind)
    handlers.on(form.cancel.click, _close_form)

    # One event for all: Gradio loses one that follows another while its stream is closing.
    def start(request: gr.Request, *values: Any) -> Iterator[list[Any]]:
        session, untouched = handlers.session_of(request), [gr.skip() for _ in form.typed]
        yield [form.busy(session), *untouched]
        try:
            handlers.change(
                request,
                lambda current: _start_camera(handlers.services, current, *values),
                operator("cameras.start"),
            )
        except gr.Error:
            yield [form.ready(session), *form.refuse(values[0])]
            raise
        yield [form.ready(session), *form.clear()]

    outputs = [form.start, *form.typed]
    started = listen(form.start.click, start, form.inputs, outputs, js=read_script("start.js"))
    listen(started.failure, None, js="() => window.ovdStartRefused()")
    again = handlers.on(
        panels.bar.start_again, _start_again, form.inputs, operator("cameras.start")
    )

    def prefill(session: Session) -> list[Any]:
        return form.prefill(handlers.live.read_state(session))

    handlers.then(again.success, prefill, form.prefilled)


def _start_camera(services: Services, session: Session, *values: Any) -> Session:
    return start_camera(services, session, FormValues.of(*values))


def _start_again(services: Services, session: Session, *values: Any) -> Session:
    return start_again(services, session, FormValues.of(*values).options)


def _connect_queries(handlers: Handlers, panels: Panels) -> None:
    queries = panels.queries
    # One after the other, so that none of two quick changes is lost.
    in_turn = {"concurrency_limit": 1, "concurrency_id": "queries", "trigger_mode": "multiple"}
    added = handlers.on_html(queries.entry.enter, _add_query, operator("queries.add"), **in_turn)
    handlers.on_html(queries.entry.enter_tried, _add_tried, operator("queries.add"), **in_turn)
    listen(added.success, None, js="() => window.ovdAnswered(true)")
    listen(added.failure, None, js="() => window.ovdAnswered(false)")

    def suggest(request: gr.Request, text: str) -> gr.HTML:
        return suggest_queries(handlers.services, handlers.session_of(request), text)

    def browse(request: gr.Request) -> gr.HTML:
        return list_catalogue(handlers.services, handlers.session_of(request))

    listen(queries.catalogue.browse, browse, [], [queries.catalogue], queue=False)
    listen(
        queries.box.change,
        suggest,
        [queries.box],
        [queries.entry],
        queue=False,
        trigger_mode="always_last",
    )
    handlers.on_html(
        queries.rows.replace_query, _replace_query, operator("queries.replace"), **in_turn
    )
    handlers.on_html(queries.rows.read_again, _read_again, operator("queries.change"), **in_turn)
    handlers.on_html(
        queries.rows.remove_query, _remove_query, operator("queries.remove"), **in_turn
    )
    for event, change in (
        (queries.rows.restore_query, _restore_query),
        (queries.rows.move_query, _move_query),
        (queries.rows.copy_query, _copy_query),
    ):
        handlers.on_html(event, change, operator("queries.change"), **in_turn)
    handlers.on_html(
        queries.rows.change_threshold, _change_min_score, operator("queries.change"), **in_turn
    )


def _restore_query(services: Services, session: Session, event: gr.EventData) -> Session:
    place, min_score = int(event.place), float(event.min_score)
    return restore_query(services, session, str(event.value), min_score, place)


def _move_query(services: Services, session: Session, event: gr.EventData) -> Session:
    return move_query(services, session, str(event.value), -1 if event.instead == "-1" else 1)


def _copy_query(services: Services, session: Session, event: gr.EventData) -> Session:
    return copy_query(services, session, str(event.value))


def _add_query(services: Services, session: Session, event: gr.EventData) -> Session:
    return add_query(services, session, str(event.value))


def _add_tried(services: Services, session: Session, event: gr.EventData) -> Session:
    return add_tried(services, session, str(event.value), float(event.min_score))


def _replace_query(services: Services, session: Session, event: gr.EventData) -> Session:
    return replace_query(services, session, str(event.value), str(event.instead))


def _read_again(services: Services, session: Session, event: gr.EventData) -> Session:
    return read_again(services, session, str(event.value))


def _remove_query(services: Services, session: Session, event: gr.EventData) -> Session:
    return remove_query(services, session, str(event.value))


def _change_min_score(services: Services, session: Session, event: gr.EventData) -> Session:
    return change_min_score(services, session, str(event.value), float(event.min_score))


def _connect_report(handlers: Handlers, panels: Panels) -> None:
    report = panels.report
    handlers.on(report.bucket.input, choose_bucket, [report.bucket])
    handlers.on(report.time_zone.input, choose_time_zone, [report.time_zone])
    handlers.on(report.format_name.input, choose_format, [report.format_name])
    handlers.follow(report.table.show_evidence, show_evidence)
    handlers.follow(report.gallery.hide_evidence, hide_evidence)

    def write(session: Session) -> str:
        try:
            return write_download(handlers.services, session, report.file)
        except OvdError as error:
            raise toast(error, session.language) from error

    written = handlers.then(report.download.click, write, [report.file])
    written.success(None, js=read_script("download.js"))
