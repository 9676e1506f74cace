"""What is being counted: add, remove, threshold and the counts now."""

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from ovd.bootstrap import Services
from ovd.domain.query import Query
from ovd.errors import QueryError
from ovd.texts.notes import NOTE_TEXTS
from ovd.ui import query_rows, view
from ovd.ui.scene import Scene, take_scene
from ovd.ui.session import Session
from ovd.ui.theme import own_html

SUGGESTIONS = 6


@dataclass(frozen=True, eq=False)
class QueryPanel:
    """Components of the query list.

    `entry` takes what is typed, and lists below the box what may be about to be.
    """

    title: gr.HTML
    box: gr.Textbox
    add: gr.Button
    entry: gr.HTML
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
            counts = query_rows.query_counts(scene.queries, scene.counts, live, texts, scene.moved)
        return [
            view.card_title(texts.query_title, "" if status else texts.query_draft),
            gr.HTML(
                value=query_rows.query_list(
                    scene.queries, scene.colours, texts, NOTE_TEXTS[scene.session.language]
                ),
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
        entry = own_html("entry.js", offers=[], name="")
        rows = own_html("queries.js", counts=[], live=False)
    return QueryPanel(title, box, add, entry, rows)


def add_query(services: Services, session: Session, text: str) -> Session:
    """Read one query, or several between commas, and put it on the list.

    Raises:
        QueryError: If it cannot be read or is on the list.
    """
    added = services.reader.read_many(text)
    scene = take_scene(services, session)
    listed = {known.text.casefold() for known in scene.queries}
    for query in added:
        if query.text.casefold() in listed:
            raise QueryError(session.texts.query_exists.format(query=query.text))
        listed.add(query.text.casefold())
    return _replace(services, scene, (*scene.queries, *added))


def suggest_queries(services: Services, session: Session, text: str) -> gr.HTML:
    """What may be about to be typed, for `entry`; nothing for an empty box."""
    begun = text.rpartition(",")[2].strip()
    offers = services.reader.suggest(begun, SUGGESTIONS) if begun else ()
    return gr.HTML(offers=list(offers), name=session.texts.query_suggestions)


def replace_query(services: Services, session: Session, text: str, instead: str) -> Session:
    """Put another query in the place of one on the list; it may be there already.

    Raises:
        QueryError: If it cannot be read.
    """
    listed = {known.text.casefold() for known in take_scene(services, session).queries}
    if instead.casefold() not in listed:
        session = add_query(services, session, instead)
    return remove_query(services, session, text)


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
    if not 0.0 <= min_score <= 1.0:
        raise QueryError(f"a threshold is a number from 0 to 1, got {min_score}")
    changed = tuple(
        query.with_min_score(min_score) if query.text == text else query for query in scene.queries
    )
    return _replace(services, scene, changed)


def _replace(services: Services, scene: Scene, queries: tuple[Query, ...]) -> Session:
    if scene.setting_up or scene.row_status is None:
        return replace(scene.session, draft=queries)
    services.fleet.set_queries(scene.session.camera, queries)
    return scene.session
