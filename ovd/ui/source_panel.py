"""The form that starts a camera: a sample clip, an uploaded file or a stream."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import gradio as gr

from ovd.bootstrap import Services, default_camera_name
from ovd.bundled import Bundle, bundled_dir
from ovd.domain.ports import SourceOptions
from ovd.errors import InputError, OutputError, OvdError
from ovd.texts.page import Texts
from ovd.ui import view
from ovd.ui.scene import Scene, take_scene
from ovd.ui.session import Session, StartedSource
from ovd.ui.theme import own_html
from ovd.video.uri import SourceUri, UriKind

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".mpg", ".mpeg", ".ts")
# A path typed by whoever opens the page would let them look around on this machine's disk.
STREAM_KINDS = (UriKind.RTSP, UriKind.HTTP, UriKind.WEBCAM)
EVERY_FRAME = 0
SAMPLE_FPS = (EVERY_FRAME, 1, 2, 5, 10, 15)
DEFAULT_FPS = 5
# The rate at which the form tells how many cameras the machine can count.
CAMERA_FPS = 2.0


# Begins the name of an environment variable in an address.
REFERENCE = "{"


class SourceKind(StrEnum):
    """Where the video comes from."""

    SAMPLE = "sample"
    UPLOAD = "upload"
    URL = "url"


@dataclass(frozen=True)
class SourceForm:
    """What the form holds.

    Attributes:
        kind: Where the video comes from.
        sample: Path of the chosen sample clip, empty when there is none.
        upload: Path of the uploaded file, None before the upload.
        url: What was typed, credentials included.
        camera: Name of the camera; empty takes the name of the source.
        sample_fps: Frames to count per second, `EVERY_FRAME` counts all.
        realtime: Whether a file is played at its own speed.
        loop: Whether a file is repeated until stopped.
    """

    kind: SourceKind
    sample: str
    upload: str | None
    url: str
    camera: str
    sample_fps: float
    realtime: bool
    loop: bool

    @classmethod
    def of(cls, *values: Any) -> Self:
        """From the values of `SourcePanel.inputs`."""
        kind, sample, upload, url, camera, sample_fps, realtime, loop = values
        return cls(SourceKind(kind), sample or "", upload, url, camera, sample_fps, realtime, loop)

    @property
    def options(self) -> SourceOptions:
        """How the source is to be read."""
        paced = self.kind is not SourceKind.URL
        return SourceOptions(
            sample_fps=self.sample_fps or None,
            realtime=self.realtime and paced,
            loop=self.loop and paced,
        )


@dataclass(frozen=True, eq=False)
class SourcePanel:
    """Components of the form."""

    group: gr.Column
    title: gr.HTML
    kind: gr.Radio
    sample: gr.Dropdown
    upload: gr.File
    url: gr.Textbox
    camera: gr.Textbox
    sample_fps: gr.Dropdown
    file_options: gr.Row
    realtime: gr.Checkbox
    loop: gr.Checkbox
    start: gr.Button
    cancel: gr.Button

    @property
    def inputs(self) -> list[Any]:
        """Components whose values make a `SourceForm`, in its order."""
        return [
            self.kind,
            self.sample,
            self.upload,
            self.url,
            self.camera,
            self.sample_fps,
            self.realtime,
            self.loop,
        ]

    @property
    def labelled(self) -> list[Any]:
        """Components that `label` has values for."""
        return [self.group, self.title, *self.inputs, self.start, self.cancel]

    def label(self, scene: Scene) -> list[Any]:
        """Words and visibility for `labelled`; what was typed stays."""
        texts = scene.texts
        title = texts.setup_title if scene.rows else texts.setup_first
        return [
            gr.Column(visible=scene.setting_up),
            view.card_title(title, texts.setup_text),
            gr.Radio(choices=kind_choices(texts), label=texts.setup_kind),
            gr.Dropdown(label=texts.sample_clip),
            gr.File(label=texts.upload),
            gr.Textbox(label=texts.url, placeholder=texts.url_placeholder, info=texts.url_info),
            gr.Textbox(label=texts.camera_name, placeholder=texts.camera_placeholder),
            gr.Dropdown(
                label=texts.sampling,
                choices=sampling_choices(texts),
                info=view.capacity(scene.load, CAMERA_FPS, texts) or None,
            ),
            gr.Checkbox(label=texts.realtime, info=texts.realtime_info),
            gr.Checkbox(label=texts.loop, info=texts.loop_info),
            gr.Button(value=texts.start, interactive=True),
            gr.Button(value=texts.cancel, visible=scene.session.adding and bool(scene.rows)),
        ]

    @property
    def typed(self) -> list[Any]:
        """Components that `clear` empties."""
        return [self.upload, self.url, self.camera]

    @staticmethod
    def clear() -> list[Any]:
        """Nothing typed; in particular no password."""
        return [None, "", ""]

    @property
    def prefilled(self) -> list[Any]:
        """Components that `prefill` has values for."""
        return [self.kind, self.url, self.camera]

    @staticmethod
    def prefill(services: Services, session: Session) -> list[Any]:
        """The stream that a person has to complete with its password, if there is one."""
        row = take_scene(services, session).row
        if row is None or not session.adding:
            return [gr.skip()] * 3
        return [SourceKind.URL.value, row.uri, row.name]

    @staticmethod
    def busy(session: Session) -> gr.Button:
        """The start button while a source is being opened."""
        return gr.Button(value=session.texts.starting, interactive=False)

    @staticmethod
    def ready(session: Session) -> gr.Button:
        """The start button as it waits to be pressed."""
        return gr.Button(value=session.texts.start, interactive=True)

    @property
    def by_kind(self) -> list[Any]:
        """Components that `show_kind` has values for."""
        return [self.sample, self.upload, self.url, self.file_options]

    @staticmethod
    def show_kind(kind: str) -> list[Any]:
        """Only what belongs to the chosen kind of source is visible."""
        return [
            gr.Dropdown(visible=kind == SourceKind.SAMPLE),
            gr.File(visible=kind == SourceKind.UPLOAD),
            gr.Textbox(visible=kind == SourceKind.URL),
            gr.Row(visible=kind != SourceKind.URL),
        ]


def sample_clips() -> list[tuple[str, str]]:
    """Name and path of the clips that come with the product."""
    return [(clip.stem, str(clip)) for clip in sorted(bundled_dir(Bundle.SAMPLES).glob("*.mp4"))]


def kind_choices(texts: Texts) -> list[tuple[str, str]]:
    """Words and value of each kind of source; samples only where there are some."""
    choices = [
        (texts.kind_sample, SourceKind.SAMPLE.value),
        (texts.kind_upload, SourceKind.UPLOAD.value),
        (texts.kind_url, SourceKind.URL.value),
    ]
    return choices if sample_clips() else choices[1:]


def sampling_choices(texts: Texts) -> list[tuple[str, int]]:
    """Words and value of each sampling rate."""
    return [
        (texts.sampling_rate.format(value=fps) if fps else texts.every_frame, fps)
        for fps in SAMPLE_FPS
    ]


def build_source_panel(texts: Texts) -> SourcePanel:
    """Lay out the form."""
    clips = sample_clips()
    kind = SourceKind.SAMPLE if clips else SourceKind.UPLOAD
    with gr.Column(elem_classes="ovd-card ovd-setup", visible=False) as group:
        title = own_html()
        kinds = gr.Radio(choices=kind_choices(texts), value=kind.value, elem_classes="ovd-kind")
        sample = gr.Dropdown(
            choices=clips, value=clips[0][1] if clips else None, visible=bool(clips)
        )
        upload = gr.File(
            file_types=list(VIDEO_SUFFIXES),
            height=150,
            elem_classes="ovd-upload",
            visible=kind is SourceKind.UPLOAD,
        )
        url = gr.Textbox(max_lines=1, visible=False, elem_id="ovd-url")
        with gr.Row():
            camera = gr.Textbox(max_lines=1, min_width=200, elem_id="ovd-camera-name")
            fps = gr.Dropdown(choices=sampling_choices(texts), value=DEFAULT_FPS, min_width=160)
        with gr.Row() as file_options:
            realtime = gr.Checkbox(value=True, min_width=220)
            loop = gr.Checkbox(value=False, min_width=220)
        with gr.Row(elem_classes="ovd-actions"):
            start = gr.Button(variant="primary", elem_id="ovd-start", scale=0, min_width=180)
            cancel = gr.Button(visible=False, elem_id="ovd-cancel", scale=0, min_width=110)
    return SourcePanel(
        group=group,
        title=title,
        kind=kinds,
        sample=sample,
        upload=upload,
        url=url,
        camera=camera,
        sample_fps=fps,
        file_options=file_options,
        realtime=realtime,
        loop=loop,
        start=start,
        cancel=cancel,
    )


def start_camera(services: Services, session: Session, form: SourceForm) -> Session:
    """Start counting what the form describes and look at it.

    Raises:
        InputError: If something is missing in the form or on the list of queries.
        SourceOpenError: If the source cannot be read.
        StoreError: If the database cannot be used.
    """
    with _source_uri(services, form, session.texts) as uri:
        camera = form.camera.strip() or default_camera_name(uri)
        return _start(services, session, StartedSource(camera, uri, form.options))


def start_again(services: Services, session: Session, options: SourceOptions) -> Session:
    """Count the camera looked at once more, or open the form where its address is not known.

    The address of a stream that another session started is known without its password only, so
    a person has to complete it.

    Args:
        services: Where it is counted.
        session: Who looks.
        options: How to read a file that another session started.

    Raises:
        OvdError: As `start_camera` does.
    """
    row = take_scene(services, session).row
    if row is None:
        return replace(session, adding=True)
    source = session.source_of(row.name)
    if source is None and "://" in row.uri and REFERENCE not in row.uri:
        queries = row.status.queries if row.status else session.draft
        return replace(session, adding=True, draft=queries)
    return _start(services, session, source or StartedSource(row.name, row.uri, options))


def _start(services: Services, session: Session, source: StartedSource) -> Session:
    queries = take_scene(services, session).queries
    if not queries:
        raise InputError(session.texts.needs_query)
    services.fleet.start(source.camera, source.uri, queries, source.options)
    return replace(session.with_started(source), recorded=services.store.cameras.all())


@contextmanager
def _source_uri(services: Services, form: SourceForm, texts: Texts) -> Iterator[str]:
    """What to open; an upload is kept in the data folder only if starting it works."""
    if form.kind is SourceKind.SAMPLE:
        yield form.sample
    elif form.kind is SourceKind.URL:
        if not form.url.strip() or SourceUri.parse(form.url).kind not in STREAM_KINDS:
            raise InputError(texts.needs_url)
        uri = form.url.strip()
        # Whoever opens the page must not send this machine's variables to a host of their choice.
        if REFERENCE in uri and uri not in {camera.uri for camera in services.store.cameras.all()}:
            raise InputError(texts.reference_unknown)
        yield uri
    else:
        if not form.upload:
            raise InputError(texts.needs_upload)
        kept = _keep_upload(Path(form.upload), services.settings.data_dir / "uploads")
        try:
            yield str(kept)
        except OvdError as error:
            kept.unlink()
            raise type(error)(str(error).replace(str(kept), kept.name)) from error


def _keep_upload(upload: Path, folder: Path) -> Path:
    target = folder / upload.name
    number = 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while target.exists():
            number += 1
            target = folder / f"{upload.stem}-{number}{upload.suffix}"
        return Path(shutil.copy2(upload, target))
    except OSError as error:
        with suppress(OSError):
            target.unlink()
        raise OutputError(f"cannot keep the upload as {target}: {error.strerror}") from error
