// The reports view: a form, page one of what it makes, and the reports that are made repeatedly. All of it asks the REST API.
const { fill, make, button } = ovdDom;
const PREVIEW_MS = 600;
const REFRESH_MS = 15000;
const JOB_MS = 1000;
const HOUR_MS = 3600000;
const ROWS_ONLY = ["csv", "json", "parquet"];
const PERIODS = ["today", "yesterday", "week", "month", "last_month", "all", "own"];
const values = { period: "today", start: "", end: "", compare: true, cameras: [], queries: [], title: "", logo: "", bucket: "15m", format: "pdf", language: "", tz: "UTC" };
let told = null;
let choices = { cameras: [], queries: [] };
let timer = 0;
let asked = 0;

const json = async (path, options) => (await ovdDom.ask(path, options, told.words.failed)).json();
const items = async (path) => { try { return (await json(path)).items; } catch { return []; } };
const place = (name) => element.querySelector(".ovd-reports-" + name);

// Local times of the viewer; the server reads them in the report's time zone.
const localDay = (moment) => moment.toLocaleDateString("sv-SE", { timeZone: told.tz });
const localHour = (moment) => moment.toLocaleString("sv-SE", { timeZone: told.tz }).replace(" ", "T").slice(0, 13) + ":00";
function daysAgo(count) {
  const day = new Date(localDay(new Date()) + "T12:00:00Z");
  day.setUTCDate(day.getUTCDate() - count);
  return day.toISOString().slice(0, 10);
}
function range() {
  const today = daysAgo(0);
  if (values.period === "today") return [today, localHour(new Date(Date.now() + HOUR_MS))];
  if (values.period === "yesterday") return [daysAgo(1), today];
  if (values.period === "week") return [daysAgo(7), today];
  if (values.period === "month") return [daysAgo(30), today];
  if (values.period === "last_month") {
    const first = new Date(today.slice(0, 8) + "01T12:00:00Z");
    const end = first.toISOString().slice(0, 10);
    first.setUTCMonth(first.getUTCMonth() - 1);
    return [first.toISOString().slice(0, 10), end];
  }
  if (values.period === "own") return [values.start || null, values.end || null];
  return [null, null];
}
function body() {
  const [from, to] = range();
  return { cameras: values.cameras, queries: values.queries, from, to, bucket: values.bucket, tz: told.tz, format: values.format, language: values.language,
    title: values.title.trim(), logo: values.logo, compare: values.compare && from ? "previous" : null };
}
function drawForm() {
  const { words } = told;
  const form = ovdForms.begin("ovd-report", values, (name) => { if (["period", "format"].includes(name)) { drawForm(); document.getElementById("ovd-report-" + name)?.focus(); } preview(); });
  const parts = [form.select(words.period, "period", PERIODS.map((each) => [each, words["period_" + each]]))];
  if (values.period === "own") parts.push(form.pair(form.input(words.start, "start", "", { type: "datetime-local" }), form.input(words.end, "end", "", { type: "datetime-local" })));
  const chosen = make("details", "ovd-alert-more");
  chosen.open = Boolean(values.cameras.length || values.queries.length);
  chosen.append(make("summary", "", words.choose), form.checks(words.cameras, "cameras", choices.cameras, words.cameras_hint), form.checks(words.queries, "queries", choices.queries, words.queries_hint));
  parts.push(chosen, form.pair(
    form.select(words.format, "format", ["pdf", "html", "xlsx", ...ROWS_ONLY].map((each) => [each, words["format_" + each]])),
    form.select(words.bucket, "bucket", ["1m", "15m", "1h", "1d"].map((each) => [each, words["bucket_" + each]]))));
  if (ROWS_ONLY.includes(values.format)) parts.push(make("p", "ovd-note", words.rows_only));
  else {
    if (values.period !== "all") parts.push(form.check(words.compare, "compare"));
    parts.push(form.pair(form.input(words.report_title, "title", words.report_title_hint, { maxlength: "200" }), form.select(words.language, "language", [["en", words.language_en], ["ko", words.language_ko]])));
    parts.push(form.file(words.logo, "logo", words.logo_hint, "image/png,image/jpeg"));
  }
  const actions = make("div", "ovd-reports-actions");
  actions.append(button(words.download, download, "ovd-main"));
  if (told.admin) actions.append(button(words.repeat, () => schedule({ ...seed(), last: undefined }), "ovd-plain"));
  parts.push(actions);
  place("form").replaceChildren(...parts);
}
function seed() {
  const { cameras, queries, title, logo, bucket, format, language, compare } = values;
  return { cameras, queries, title, bucket, format, language, compare, ...(logo ? { logo } : {}) };
}
const schedule = (of) => ovdSchedules.open(told, of, choices, refresh);

function preview() {
  clearTimeout(timer);
  const mine = ++asked;
  timer = setTimeout(async () => {
    const figure = place("preview");
    figure.classList.add("waiting");
    let content;
    try {
      const answer = await ovdDom.ask("reports/preview", { method: "POST", json: body() }, told.words.failed);
      const image = make("img", "", undefined, { alt: told.words.preview_alt, src: URL.createObjectURL(await answer.blob()) });
      image.addEventListener("load", () => URL.revokeObjectURL(image.src));
      content = image;
    } catch (error) {
      content = make("p", "ovd-empty", error.message, { role: "status" });
    }
    if (mine !== asked) return;
    figure.classList.remove("waiting");
    figure.replaceChildren(content);
  }, PREVIEW_MS);
}
async function download(event) {
  const source = event.currentTarget;
  source.disabled = true;
  const { words } = told;
  const asking = body();
  if (ROWS_ONLY.includes(asking.format)) asking.compare = null;
  try {
    const answer = await ovdDom.ask("reports", { method: "POST", json: asking }, words.failed);
    const [from] = range();
    const name = `ovd-report${from ? "-" + from.slice(0, 10) : ""}.${asking.format}`;
    ovdForms.saveFile(answer.status === 202 ? await finish(await answer.json()) : await answer.blob(), name);
    ovdForms.tell(element, words.downloaded);
  } catch (error) {
    ovdForms.tell(element, error.message, true);
  }
  source.disabled = false;
}
async function finish(job) {
  while (["queued", "running"].includes(job.state)) {
    ovdForms.tell(element, fill(told.words.job_wait, { percent: Math.round(100 * job.progress) }));
    await new Promise((resolve) => setTimeout(resolve, JOB_MS));
    job = await json("jobs/" + job.id);
  }
  if (job.state !== "done") throw new Error(job.error || told.words.failed);
  return (await ovdDom.ask(`jobs/${job.id}/result`, {}, told.words.failed)).blob();
}

// Reports that are made repeatedly.
function sentence(item) {
  const { words } = told;
  const when = fill(words[item.every], { at: item.at, tz: item.tz, weekday: words[item.weekday] ?? "" });
  const contents = fill(words.contents, { format: item.format.toUpperCase(), bucket: words["bucket_" + item.bucket] ?? item.bucket });
  const places = [...item.targets, ...(item.to.length > 2 ? [fill(words.mail_places, { count: item.to.length })] : item.to)].join(", ");
  return [when, contents, ...(places ? [fill(words.goes_to, { places })] : [])].join(" · ");
}
function facts(item) {
  const { words } = told;
  const made = make("dl");
  const last = item.last ? `${item.last.period} · ${ovdForms.moment(item.last.at, told.language, told.tz)}` : words.never;
  for (const [name, value] of [[words.last, last], [words.next, item.next_at ? ovdForms.moment(item.next_at, told.language, told.tz) : words.off]]) {
    const pair = make("div");
    pair.append(make("dt", "", name), make("dd", "", value));
    made.append(pair);
  }
  return made;
}
function act(words, label, name, work) {
  return button(words, async (event) => {
    event.currentTarget.disabled = true;
    try { await work(); } catch (error) { ovdForms.tell(element, error.message, true); }
    refresh();
  }, "ovd-plain", { "aria-label": fill(label, { name }) });
}
function card(item) {
  const { words } = told;
  const path = "schedules/" + encodeURIComponent(item.name);
  const made = make("li", item.enabled ? "ovd-schedule" : "ovd-schedule off", undefined, { "data-schedule": item.name });
  const head = make("div", "head");
  head.append(make("h4", "", item.name));
  if (item.fixed) head.append(make("span", "ovd-tag", words.fixed));
  if (!item.enabled) head.append(make("span", "ovd-tag", words.off));
  const actions = make("div", "actions");
  if (told.admin) {
    actions.append(act(words.send, words.send_of, item.name, async () => {
      const sent = await json(path + "/send", { method: "POST" });
      ovdForms.tell(element, fill(words.sent, { name: item.name, period: sent.period }));
    }));
    if (!item.fixed) {
      actions.append(button(words.edit, () => schedule(item), "ovd-plain", { "aria-label": fill(words.edit_of, { name: item.name }) }));
      const [label, of] = item.enabled ? [words.disable, words.disable_of] : [words.enable, words.enable_of];
      actions.append(act(label, of, item.name, () => ovdDom.ask(path, { method: "PATCH", json: { enabled: !item.enabled } }, words.failed)));
    }
  }
  actions.append(act(words.fetch, words.fetch_of, item.name, async () => {
    const answer = await ovdDom.ask(path + "/report", {}, words.failed);
    const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "");
    ovdForms.saveFile(await answer.blob(), name?.[1] ?? item.name);
  }));
  made.append(head, make("p", "", sentence(item)), facts(item));
  if (item.problem) made.append(make("p", "bad", fill(words.problem, { problem: item.problem })));
  made.append(actions);
  return made;
}
let drawn = "";
async function refresh() {
  let known = null;
  try { known = (await json("schedules")).items; } catch (error) { if (error.code !== "not_found") return; }
  const version = JSON.stringify([known, told.language, told.admin]);
  if (version === drawn) return;
  drawn = version;
  const { words } = told;
  const head = make("div", "ovd-title");
  head.append(make("h3", "", words.schedules));
  if (told.admin && known) {
    const tools = make("div", "ovd-camera-tools");
    tools.append(button(words.add, () => schedule({}), "ovd-main"));
    head.append(tools);
  }
  const cards = make("ul", "ovd-schedules");
  cards.append(...(known ?? []).map(card));
  const rest = known?.length ? cards : make("p", "ovd-empty", known ? words.schedules_none : words.schedules_off);
  place("schedules").replaceChildren(head, rest);
}
function draw() {
  const { words } = told;
  const title = make("div", "ovd-title");
  title.append(make("h2", "", words.title));
  const grid = make("div", "ovd-reports-grid");
  grid.append(make("section", "ovd-reports-form", undefined, { "aria-label": words.builder }), make("figure", "ovd-reports-preview", undefined, { "aria-label": words.preview }));
  element.replaceChildren(title, make("p", "ovd-note", words.intro), grid, make("section", "ovd-reports-schedules", undefined, { "aria-label": words.schedules }));
  values.language ||= told.language;
  drawn = "";
  drawForm();
  place("preview").replaceChildren(make("p", "ovd-empty", words.preview_wait));
}
async function load() {
  const [cameras, queries] = await Promise.all([items("cameras?limit=1000"), items("queries?limit=1000")]);
  const own = cameras.flatMap((camera) => camera.queries.map((query) => query.text ?? query));
  choices = { cameras: cameras.map((camera) => camera.name), queries: [...new Set([...own, ...queries.map((query) => query.text ?? query)])] };
  drawForm();
  preview();
  refresh();
}
ovdLive.on("report_words", (words) => {
  const begun = told === null;
  if (!begun && told.language !== words.language) values.language = words.language;
  told = words;
  draw();
  load();
});
ovdForms.whileShown("reports", REFRESH_MS, () => { if (told) refresh(); });
