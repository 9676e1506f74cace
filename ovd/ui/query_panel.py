"""The panel of queries: add, remove, threshold and current counts."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import gradio as gr

from ovd.bootstrap import Services
from ovd.domain.query import Query
from ovd.errors import QueryError, QueryListedError
from ovd.language.catalogue import list_examples
from ovd.services.queries import find_same
from ovd.texts.catalogue import ExampleList
from ovd.texts.page import PageTexts
from ovd.texts.particles import settle_particles
from ovd.ui.html.icons import find_icon
from ovd.ui.json_value import JsonValue
from ovd.ui.session import Session
from ovd.ui.theme import live_html, own_html

SUGGESTIONS = 6


@dataclass(frozen=True, eq=False)
class QueryPanel:
    """Components of the query list.

    `entry` takes what is typed, and lists below the box what may be about to be.
    """

    box: gr.Textbox
    add: gr.Button
    preview: gr.Button
    entry: gr.HTML
    catalogue: gr.HTML
    rows: gr.HTML

    @property
    def labelled(self) -> list[Any]:
        """Return the components that `label` has values for."""
        return [self.box, self.add, self.preview, self.catalogue]

    def label(self, session: Session) -> list[Any]:
        """Return words for `labelled`."""
        texts = session.texts
        return [
            gr.Textbox(placeholder=texts.query_placeholder, label=texts.query_title),
            gr.Button(value=texts.query_add),
            gr.Button(value=texts.query_preview),
            gr.HTML(title=texts.query_catalogue, places=texts.query_presets, topics=[], presets=[]),
        ]


def build_query_panel() -> QueryPanel:
    """Lay out the query list."""
    with gr.Column(elem_classes="ovd-card ovd-query-card"):
        live_html("query_title")
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
            preview = gr.Button(elem_id="ovd-preview", scale=0, min_width=76)
        entry = own_html("entry.js", offers=[], name="")
        catalogue = own_html("catalogue.js", title="", places="", topics=[], presets=[])
        rows = own_html("queries.js")
        own_html("teach.js")
    return QueryPanel(box, add, preview, entry, catalogue, rows)


def suggest_queries(services: Services, session: Session, text: str) -> gr.HTML:
    """Return what may be about to be typed, for `entry`; nothing for an empty box."""
    begun = text.rpartition(",")[2].strip()
    offers = services.reader.suggest(begun, SUGGESTIONS) if begun else ()
    return gr.HTML(offers=list(offers), name=session.texts.query_suggestions)


def list_catalogue(services: Services, session: Session) -> gr.HTML:
    """Return what can be typed, for `catalogue`."""
    examples = list_examples(services.reader, session.language)
    return gr.HTML(
        topics=[_describe_topic(topic) for topic in examples.topics],
        presets=[asdict(preset) for preset in examples.presets],
    )


def _describe_topic(topic: ExampleList) -> dict[str, JsonValue]:
    """Return a topic with the drawing of each example that has one: path and tint."""
    icons: list[JsonValue] = []
    for text in topic.queries:
        icon = find_icon(text)
        icons.append(None if icon is None else [icon.path, icon.tint])
    return {"title": topic.title, "queries": list(topic.queries), "icons": icons}


def add_query(services: Services, session: Session, text: str) -> Session:
    """Read one query, or several between commas, and put it on the list.

    Raises:
        QueryError: If it cannot be read or is on the list.
    """
    listed = _listed(services, session)
    try:
        return _replace(services, session, services.queries.add(listed, text))
    except QueryListedError as error:
        raise QueryError(_describe(error, session.texts)) from error


def add_tried(services: Services, session: Session, text: str, min_score: float) -> Session:
    """Put a query on the list with the threshold that was found by trying it.

    Raises:
        QueryError: If it cannot be read, is on the list, or the threshold is outside [0, 1].
    """
    added = add_query(services, session, text)
    return change_min_score(services, added, text, min_score)


def _describe(error: QueryListedError, texts: PageTexts) -> str:
    query, listed = error.query_text, error.listed_text
    if query.casefold() == listed.casefold():
        return settle_particles(texts.query_exists.format(query=query))
    return settle_particles(texts.query_same.format(query=query, listed=listed))


def replace_query(services: Services, session: Session, text: str, instead: str) -> Session:
    """Put another query in the place of one on the list; it may be there already.

    Raises:
        QueryError: If it cannot be read.
    """
    listed = _listed(services, session)
    return _replace(services, session, services.queries.replace(listed, text, instead))


def read_again(services: Services, session: Session, text: str) -> Session:
    """Read a query anew, because a name was taught meanwhile."""
    listed = _listed(services, session)
    return _replace(services, session, services.queries.read_again(listed, text))


def remove_query(services: Services, session: Session, text: str) -> Session:
    """Take a query off the list."""
    listed = _listed(services, session)
    return _replace(services, session, services.queries.remove(listed, text))


def change_min_score(services: Services, session: Session, text: str, min_score: float) -> Session:
    """Give a query another threshold.

    Raises:
        QueryError: If it is outside [0, 1].
    """
    listed = _listed(services, session)
    changed = services.queries.change_min_score(listed, text, min_score)
    return _replace(services, session, changed)


def restore_query(
    services: Services, session: Session, text: str, min_score: float, place: int
) -> Session:
    """Put a query back that was removed, where it was; one that is listed again stays there.

    Raises:
        QueryError: If it cannot be read.
    """
    listed = _listed(services, session)
    [query, *_] = services.queries.read(text, min_score)
    if find_same(query, listed) is not None:
        return session
    at = max(0, min(place, len(listed)))
    return _replace(services, session, (*listed[:at], query, *listed[at:]))


def move_query(services: Services, session: Session, text: str, step: int) -> Session:
    """Move a query one place up or down on the list; it stays where there is none."""
    listed = list(_listed(services, session))
    place = next((n for n, query in enumerate(listed) if query.text == text), None)
    if place is None or not 0 <= place + step < len(listed):
        return session
    listed[place], listed[place + step] = listed[place + step], listed[place]
    return _replace(services, session, tuple(listed))


def copy_query(services: Services, session: Session, text: str) -> Session:
    """Count a query with its threshold at all other cameras that the user may change."""
    wanted = [query for query in _listed(services, session) if query.text == text]
    for status in services.fleet.statuses():
        new = [query for query in wanted if find_same(query, status.queries) is None]
        if new and session.identity.may_see(status.camera):
            services.fleet.set_queries(status.camera, (*status.queries, *new))
    return session


def _counted_camera(services: Services, session: Session) -> bool:
    """Say whether a change concerns the shown camera, and no draft."""
    names = {status.camera for status in services.fleet.statuses()}
    return not session.adding and session.camera in names


def _listed(services: Services, session: Session) -> tuple[Query, ...]:
    if _counted_camera(services, session):
        return services.fleet.status(session.camera).queries
    return session.draft


def _replace(services: Services, session: Session, queries: tuple[Query, ...]) -> Session:
    if not _counted_camera(services, session):
        return replace(session, draft=queries)
    services.fleet.set_queries(session.camera, queries)
    return session
