"""What is being counted: add, remove, threshold and the counts now."""

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from ovd.bootstrap import Services
from ovd.domain.query import Query
from ovd.errors import QueryError
from ovd.ui import view
from ovd.ui.scene import Scene, take_scene
from ovd.ui.session import Session
from ovd.ui.theme import own_html


@dataclass(frozen=True, eq=False)
class QueryPanel:
    """Components of the query list; `typed` holds, unseen, what was last taken from the box."""

    title: gr.HTML
    box: gr.Textbox
    typed: gr.Textbox
    add: gr.Button
    rows: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """Components that `draw` has values for."""
        return [self.title, self.rows]

    def draw(self, scene: Scene) -> list[Any]:
        """Values for `outputs`."""
        texts = scene.texts
        status = None if scene.setting_up else scene.row_status
        live, counts = False, []
        if status is not None:
            live = view.is_live(status)
            counts = view.query_counts(scene.queries, scene.counts, live, texts)
        return [
            view.card_title(texts.query_title, "" if status else texts.query_draft),
            gr.HTML(
                value=view.query_list(scene.queries, scene.colours, texts),
                counts=counts,
                live=live,
            ),
        ]

    @property
    def labelled(self) -> list[Any]:
        """Components that `label` has values for."""
        return [self.box, self.add]

    def label(self, scene: Scene) -> list[Any]:
        """Words for `labelled`."""
        texts = scene.texts
        return [
            gr.Textbox(placeholder=texts.query_placeholder, label=texts.query_title),
            gr.Button(value=texts.query_add),
        ]


def build_query_panel() -> QueryPanel:
    """Lay out the query list."""
    with gr.Column(elem_classes="ovd-card ovd-query-card"):
        title = own_html()
        with gr.Row(elem_classes="ovd-add"):
            box = gr.Textbox(
                show_label=False,
                container=False,
                max_lines=1,
                elem_id="ovd-query",
                scale=1,
                min_width=80,
            )
            add = gr.Button(variant="primary", elem_id="ovd-add", scale=0, min_width=76)
        typed = gr.Textbox(visible=False)
        rows = own_html("queries.js", counts=[], live=False)
    return QueryPanel(title, box, typed, add, rows)


def add_query(services: Services, session: Session, text: str) -> Session:
    """Read what was typed and put it on the list.

    Raises:
        QueryError: If it cannot be read or is on the list.
    """
    query = services.reader.read(text)
    scene = take_scene(services, session)
    if any(known.text.casefold() == query.text.casefold() for known in scene.queries):
        raise QueryError(session.texts.query_exists.format(query=query.text))
    return _replace(services, scene, (*scene.queries, query))


def remove_query(services: Services, session: Session, text: str) -> Session:
    """Take a query off the list."""
    scene = take_scene(services, session)
    return _replace(services, scene, tuple(q for q in scene.queries if q.text != text))


def change_min_score(services: Services, session: Session, text: str, min_score: float) -> Session:
    """Give a query another threshold.

    Raises:
        QueryError: If it is outside [0, 1].
    """
    scene = take_scene(services, session)
    changed = tuple(
        services.reader.read(text, min_score) if query.text == text else query
        for query in scene.queries
    )
    return _replace(services, scene, changed)


def _replace(services: Services, scene: Scene, queries: tuple[Query, ...]) -> Session:
    if scene.setting_up or scene.row_status is None:
        return replace(scene.session, draft=queries)
    services.fleet.set_queries(scene.session.camera, queries)
    return scene.session
