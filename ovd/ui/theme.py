"""Colours, type and scripts of the interface; nothing is fetched from elsewhere."""

import json
from pathlib import Path
from typing import Any

import gradio as gr

ASSETS = Path(__file__).parent / "assets"
STYLE_SHEETS = (
    ASSETS / "style.css",
    ASSETS / "cameras.css",
    ASSETS / "alerts.css",
    ASSETS / "reports.css",
    ASSETS / "system.css",
    ASSETS / "try.css",
    ASSETS / "sites.css",
)
# Scripts that the others use, in the order of loading.
PAGE_SCRIPTS = ("live.js", "live_canvas.js", "plot.js", "dom.js", "forms.js")
# A phone may keep the page on its home screen.
APP_LINKS = (
    '<link rel="manifest" href="ovd.webmanifest"><meta name="theme-color" content="#146a79">'
    '<link rel="apple-touch-icon" href="favicon.ico">'
)
FAVICON = ASSETS / "favicon.svg"

# IBM Plex Sans comes with Gradio, which serves it (its semi-bold file holds no Latin letters); the
# others are looked for on the machine.
_FONTS = (
    gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)),
    "Apple SD Gothic Neo",
    "Malgun Gothic",
    "Noto Sans KR",
    "NanumGothic",
    "system-ui",
    "sans-serif",
)
_ACCENT = gr.themes.Color(
    name="petrol",
    c50="#edf7f8",
    c100="#d3ebee",
    c200="#a9d7dd",
    c300="#74bcc6",
    c400="#3f9cab",
    c500="#1f8292",
    c600="#146a79",
    c700="#125664",
    c800="#124652",
    c900="#123a44",
    c950="#07242c",
)
_INK = gr.themes.Color(
    name="ink",
    c50="#f6f8fa",
    c100="#edf1f5",
    c200="#dde4eb",
    c300="#c2ccd8",
    c400="#8f9dae",
    c500="#647387",
    c600="#4a586b",
    c700="#334155",
    c800="#1b2632",
    c900="#121a24",
    c950="#0b1118",
)


def build_theme() -> gr.themes.Base:
    """Return the Gradio theme; `assets/style.css` lays out the page on top of it."""
    theme = gr.themes.Base(
        primary_hue=_ACCENT,
        secondary_hue=_ACCENT,
        neutral_hue=_INK,
        text_size=gr.themes.sizes.text_md,
        radius_size=gr.themes.sizes.radius_md,
        font=_FONTS,
        font_mono=("ui-monospace", "SFMono-Regular", "Consolas", "monospace"),
    )
    return theme.set(
        body_background_fill="*neutral_100",
        body_background_fill_dark="*neutral_950",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="*neutral_900",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        block_padding="0px",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        input_background_fill="#ffffff",
        input_background_fill_dark="*neutral_950",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_700",
        input_border_width="1px",
        input_shadow="none",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_500",
        button_primary_background_fill_hover_dark="*primary_400",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_hover="*neutral_50",
        button_secondary_background_fill_dark="*neutral_800",
        button_secondary_background_fill_hover_dark="*neutral_700",
        button_secondary_border_color="*neutral_300",
        button_secondary_border_color_dark="*neutral_700",
    )


def read_script(name: str) -> str:
    """Return the JavaScript of one component, from `assets/`."""
    return (ASSETS / name).read_text(encoding="utf-8")


def own_html(script: str | None = None, css_class: str | None = None, **props: Any) -> gr.HTML:
    """Add a component whose HTML, look and behaviour are ours.

    Args:
        script: Name of its JavaScript in `assets/`.
        css_class: CSS class of the component.
        props: First values of the properties that the script reads.
    """
    return _make_html(read_script(script) if script else None, css_class, props)


def _make_html(script: str | None, css_class: str | None, props: dict[str, Any]) -> gr.HTML:
    component = gr.HTML(js_on_load=script, apply_default_css=False, elem_classes=css_class, **props)
    # Gradio takes every quoted word of a script for an event, also the name of this parameter,
    # and would then copy the event with all that it holds for each visit.
    vars(component)["every"] = None
    return component


def live_html(
    part: str, script: str | None = None, css_class: str | None = None, **props: Any
) -> gr.HTML:
    """Add the place of a part of the page that `assets/live.js` draws from its HTML, never Gradio.

    Parts that are drawn in another way, by a script of theirs, are added with `own_html`.

    Args:
        part: Its name in `ovd.ui.parts`.
        script: Name of its JavaScript in `assets/`.
        css_class: CSS class of the component.
        props: First values of the properties that the script reads.
    """
    draw = f"ovdLive.morph({json.dumps(part)}, element);"
    return _make_html(f"{read_script(script)}\n{draw}" if script else draw, css_class, props)
