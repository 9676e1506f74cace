"""The form that starts a camera: a sample clip, an uploaded file or a stream."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

import gradio as gr

from ovd.bundled import Bundle, bundled_dir
from ovd.domain.ports import SourceOptions
from ovd.texts.page import PageTexts
from ovd.ui.page_state import PageState
from ovd.ui.session import Session
from ovd.ui.theme import live_html, own_html

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".mpg", ".mpeg", ".ts")
EVERY_FRAME = 0
SAMPLE_FPS = (EVERY_FRAME, 1, 2, 5, 10, 15)
DEFAULT_FPS = 5


class FormKind(StrEnum):
    """Where the video comes from."""

    SAMPLE = "sample"
    UPLOAD = "upload"
    URL = "url"


@dataclass(frozen=True)
class FormValues:
    """The values of the form.

    Attributes:
        kind: Where the video comes from.
        sample: Path of the chosen sample clip, empty when there is none.
        upload: Path of the uploaded file, None before the upload.
        url: What was typed, credentials included.
        camera: Name of the camera; empty takes the name of the source.
        sample_fps: Frames to count per second, `EVERY_FRAME` counts all.
        realtime: Whether a file is played at its own speed.
        loop: Whether a file is repeated until stopped.
        user: Of the stream, where it is not part of the address.
        password: Likewise.
        anyway: Whether a stream is kept although it did not answer.
    """

    kind: FormKind
    sample: str
    upload: str | None
    url: str = field(repr=False)
    camera: str
    sample_fps: float
    realtime: bool
    loop: bool
    user: str = ""
    password: str = field(default="", repr=False)
    anyway: bool = False

    @classmethod
    def of(cls, *values: Any) -> Self:
        """Make it of the values of `CameraForm.inputs`."""
        kind, sample, *others = values
        return cls(FormKind(kind), sample or "", *others)

    @property
    def options(self) -> SourceOptions:
        """Return how the source is to be read."""
        paced = self.kind is not FormKind.URL
        return SourceOptions(
            sample_fps=self.sample_fps or None,
            realtime=self.realtime and paced,
            loop=self.loop and paced,
        )


@dataclass(frozen=True, eq=False)
class CameraForm:
    """Components of the form."""

    kind: gr.Radio
    sample: gr.Dropdown
    upload: gr.File
    url: gr.Textbox
    camera: gr.Textbox
    sample_fps: gr.Dropdown
    file_options: gr.Row
    realtime: gr.Checkbox
    loop: gr.Checkbox
    login: gr.Row
    user: gr.Textbox
    password: gr.Textbox
    anyway: gr.Checkbox
    start: gr.Button
    cancel: gr.Button

    @property
    def inputs(self) -> list[Any]:
        """Return the components whose values make a `FormValues`, in its order."""
        return [
            self.kind,
            self.sample,
            self.upload,
            self.url,
            self.camera,
            self.sample_fps,
            self.realtime,
            self.loop,
            self.user,
            self.password,
            self.anyway,
        ]

    @property
    def labelled(self) -> list[Any]:
        """Return the components that `label` has values for."""
        return [*self.inputs, self.start, self.cancel]

    def label(self, session: Session) -> list[Any]:
        """Return words for `labelled`; what was typed stays."""
        texts = session.texts
        return [
            gr.Radio(choices=kind_choices(texts), label=texts.setup_kind),
            gr.Dropdown(label=texts.sample_clip),
            gr.File(label=texts.upload),
            gr.Textbox(label=texts.url, placeholder=texts.url_placeholder, info=texts.url_info),
            gr.Textbox(label=texts.camera_name, placeholder=texts.camera_placeholder),
            gr.Dropdown(label=texts.sampling, choices=sampling_choices(texts)),
            gr.Checkbox(label=texts.realtime, info=texts.realtime_info),
            gr.Checkbox(label=texts.loop, info=texts.loop_info),
            gr.Textbox(label=texts.url_user),
            gr.Textbox(label=texts.url_password),
            gr.Checkbox(label=texts.url_anyway, info=texts.url_anyway_info),
            gr.Button(value=texts.start, interactive=True),
            gr.Button(value=texts.cancel),
        ]

    @property
    def typed(self) -> list[Any]:
        """Return the components that `clear` empties."""
        return [self.upload, self.url, self.camera, self.user, self.password, self.anyway]

    @staticmethod
    def clear() -> list[Any]:
        """Return nothing typed; in particular no password."""
        return [None, "", "", "", "", gr.Checkbox(value=False, visible=False)]

    @staticmethod
    def refuse(kind: str) -> list[Any]:
        """Return what was typed as it is; a stream that did not answer may be kept all the same."""
        anyway = gr.Checkbox(visible=True) if kind == FormKind.URL else gr.skip()
        return [*(gr.skip() for _ in range(5)), anyway]

    @property
    def prefilled(self) -> list[Any]:
        """Return the components that `prefill` has values for."""
        return [self.kind, self.url, self.camera]

    @staticmethod
    def prefill(state: PageState) -> list[Any]:
        """Return the stream that a person has to complete with its password, if there is one."""
        camera = state.camera
        if camera is None or not state.session.adding:
            return [gr.skip()] * 3
        return [FormKind.URL.value, camera.uri, camera.name]

    @staticmethod
    def busy(session: Session) -> gr.Button:
        """Return the start button while a source is being opened."""
        return gr.Button(value=session.texts.starting, interactive=False)

    @staticmethod
    def ready(session: Session) -> gr.Button:
        """Return the start button as it waits to be pressed."""
        return gr.Button(value=session.texts.start, interactive=True)

    @property
    def by_kind(self) -> list[Any]:
        """Return the components that `show_kind` has values for."""
        return [self.sample, self.upload, self.url, self.login, self.anyway, self.file_options]

    @staticmethod
    def show_kind(kind: str) -> list[Any]:
        """Show only what belongs to the chosen kind of source."""
        return [
            gr.Dropdown(visible=kind == FormKind.SAMPLE),
            gr.File(visible=kind == FormKind.UPLOAD),
            gr.Textbox(visible=kind == FormKind.URL),
            gr.Row(visible=kind == FormKind.URL),
            gr.Checkbox(value=False, visible=False),
            gr.Row(visible=kind != FormKind.URL),
        ]


def sample_clips() -> list[tuple[str, str]]:
    """Return name and path of the clips that come with the product."""
    return [(clip.stem, str(clip)) for clip in sorted(bundled_dir(Bundle.SAMPLES).glob("*.mp4"))]


def kind_choices(texts: PageTexts) -> list[tuple[str, str]]:
    """Return words and value of each kind of source; samples only where there are some."""
    choices = [
        (texts.kind_sample, FormKind.SAMPLE.value),
        (texts.kind_upload, FormKind.UPLOAD.value),
        (texts.kind_url, FormKind.URL.value),
    ]
    return choices if sample_clips() else choices[1:]


def sampling_choices(texts: PageTexts) -> list[tuple[str, int]]:
    """Return words and value of each sampling rate."""
    return [
        (texts.sampling_rate.format(value=fps) if fps else texts.every_frame, fps)
        for fps in SAMPLE_FPS
    ]


def build_camera_form(texts: PageTexts) -> CameraForm:
    """Lay out the form."""
    clips = sample_clips()
    kind = FormKind.SAMPLE if clips else FormKind.UPLOAD
    with gr.Column(
        elem_classes="ovd-card ovd-setup",
    ):
        live_html("form_title")
        kinds = gr.Radio(choices=kind_choices(texts), value=kind.value, elem_classes="ovd-kind")
        sample = gr.Dropdown(
            choices=clips, value=clips[0][1] if clips else None, visible=bool(clips)
        )
        upload = gr.File(
            file_types=list(VIDEO_SUFFIXES),
            height=150,
            elem_classes="ovd-upload",
            visible=kind is FormKind.UPLOAD,
        )
        url, login, user, password, anyway = _build_address()
        with gr.Row():
            camera = gr.Textbox(max_lines=1, min_width=200, elem_id="ovd-camera-name")
            fps = gr.Dropdown(choices=sampling_choices(texts), value=DEFAULT_FPS, min_width=160)
        with gr.Row() as file_options:
            realtime = gr.Checkbox(value=True, min_width=220)
            loop = gr.Checkbox(value=False, min_width=220)
        with gr.Row(elem_classes="ovd-actions"):
            start = gr.Button(variant="primary", elem_id="ovd-start", scale=0, min_width=180)
            cancel = gr.Button(elem_id="ovd-cancel", scale=0, min_width=110)
    return CameraForm(
        kind=kinds,
        sample=sample,
        upload=upload,
        url=url,
        camera=camera,
        sample_fps=fps,
        file_options=file_options,
        realtime=realtime,
        loop=loop,
        login=login,
        user=user,
        password=password,
        anyway=anyway,
        start=start,
        cancel=cancel,
    )


def _build_address() -> tuple[gr.Textbox, gr.Row, gr.Textbox, gr.Textbox, gr.Checkbox]:
    """Lay out the address of a stream: its URL, user and password, and what forces it."""
    url = gr.Textbox(max_lines=1, visible=False, elem_id="ovd-url")
    with gr.Row(visible=False) as login:
        user = gr.Textbox(max_lines=1, min_width=160, elem_id="ovd-url-user")
        password = gr.Textbox(
            max_lines=1, min_width=160, type="password", elem_id="ovd-url-password"
        )
    anyway = gr.Checkbox(value=False, visible=False, elem_id="ovd-url-anyway")
    own_html("address.js")
    return url, login, user, password, anyway
