"""The page on which admins pair screens with sites: plain HTML without scripts."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote
from zoneinfo import ZoneInfo

from ovd.domain.sites import Display, Site
from ovd.texts.display import DisplayTexts, display_texts
from ovd.texts.languages import LANGUAGE_NAMES, Language

_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center;color:#121a24;background:#edf1f5;word-break:keep-all}
main{box-sizing:border-box;width:min(38rem,92vw);margin:2rem 0;padding:2rem;border-radius:1rem;background:#fff;box-shadow:0 8px 30px #0003}
h1{margin:0 0 1rem;font-size:1.4rem}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}
label{display:block;margin:.8rem 0 .2rem}
input,select{width:100%;box-sizing:border-box;min-height:2.75rem;font:inherit;padding:.5rem .7rem;border-radius:.5rem;
border:1px solid #6d7f90;background:transparent;color:inherit}
option{color:#121a24;background:#fff}
button{min-height:2.75rem;font:inherit;padding:.4rem 1rem;border:0;border-radius:.5rem;background:#0b63bd;color:#fff;cursor:pointer}
.quiet{background:transparent;color:inherit;border:1px solid #6d7f90}
ul{list-style:none;margin:0;padding:0}li{display:flex;gap:.8rem;align-items:center;justify-content:space-between;padding:.4rem 0}
small{display:block}form.wide button{margin-top:1.3rem;width:100%}
p[role=alert]{padding:.6rem .8rem;border-radius:.5rem;background:#fde8e8}
nav{margin-top:1.4rem;text-align:center}a{color:inherit;margin:0 .4rem}
:focus-visible{outline:3px solid #2f86dd;outline-offset:2px}
@media(prefers-color-scheme:dark){body{color:#e8eef5;background:#0b1118}main{background:#17212b}p[role=alert]{background:#43191c}}
"""  # noqa: E501


def render_displays(
    sites: Sequence[Site],
    displays: Sequence[Display],
    language: Language,
    root_path: str,
    problem: str = "",
) -> str:
    """Return the page as HTML.

    Args:
        sites: The sites that a screen may show.
        displays: The screens that are paired.
        language: Language of the texts.
        root_path: Path below which a proxy shows the app.
        problem: What was wrong with what was sent; empty if nothing.
    """
    texts = display_texts(language)
    root = escape(root_path)
    alert = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    zones = {site.name: site.hours.zone for site in sites}
    rows = "".join(_row(display, texts, zones[display.site], root) for display in displays)
    options = "".join(f"<option>{escape(site.name)}</option>" for site in sites)
    others = "".join(
        f'<a href="?lang={code.value}" lang="{code.value}">{escape(name)}</a>'
        for code, name in LANGUAGE_NAMES.items()
    )
    return f"""<!doctype html><html lang="{language.value}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(texts.displays_title)} · ovd</title><style>{_STYLE}</style></head><body><main>
<h1>{escape(texts.displays_title)}</h1>{alert}
{f"<ul>{rows}</ul>" if rows else f"<p>{escape(texts.none)}</p>"}
<h2>{escape(texts.pair_form)}</h2>
<form class="wide" method="post" action="{root}/display?lang={language.value}">
<label for="site">{escape(texts.site)}</label><select id="site" name="site" required>{options}</select>
<label for="name">{escape(texts.name)}</label><input id="name" name="name" required maxlength="100">
<label for="code">{escape(texts.code)}</label>
<input id="code" name="code" required maxlength="20" autocomplete="off" autocapitalize="characters">
<button>{escape(texts.pair)}</button></form><nav>{others}</nav></main></body></html>"""  # noqa: E501


def _row(display: Display, texts: DisplayTexts, zone: ZoneInfo, root: str) -> str:
    seen = display.last_seen_at
    when = (
        texts.never
        if seen is None
        else texts.last_seen.format(when=f"{seen.astimezone(zone):%Y-%m-%d %H:%M}")
    )
    address = f"{root}/display/{quote(display.site, safe='')}"
    return (
        f'<li><span><b>{escape(display.name)}</b> · <a href="{address}">{escape(display.site)}</a>'
        f"<small>{escape(when)}</small></span>"
        f'<form method="post" action="{root}/display/remove">'
        f'<input type="hidden" name="site" value="{escape(display.site)}">'
        f'<input type="hidden" name="name" value="{escape(display.name)}">'
        f'<button class="quiet">{escape(texts.remove)}</button></form></li>'
    )
