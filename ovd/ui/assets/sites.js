// The sites view: every site with the people inside, and one of them in full. All of it asks the REST API.
const { fill, make, button } = ovdDom;
const REFRESH_MS = 15000;
const DETAIL_MS = 60000;
const DAY_MS = 86400000;
const PERIODS = { today: "15m", yesterday: "15m", week: "1h", month: "1d" };
let told = null;
let sites = [];
let chosen = "";
let period = "today";
let asked = 0;
let shown = null;
let detailedAt = 0;

const json = async (path) => (await ovdDom.ask(path, {}, told.words.failed)).json();
const place = (name) => element.querySelector(".ovd-sites-" + name);
const number = (value, digits = 0) => (value === null || value === undefined ? "–" : value.toLocaleString(told.language, { maximumFractionDigits: digits }));
const percent = (value) => (value === null || value === undefined ? "–" : value.toLocaleString(told.language, { style: "percent", maximumFractionDigits: value < 0.1 ? 1 : 0 }));
function lasting(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  return seconds < 90 ? fill(told.words.seconds, { count: Math.round(seconds) }) : fill(told.words.minutes, { count: number(seconds / 60, seconds < 600 ? 1 : 0) });
}
function money(value, currency) {
  if (value === null || value === undefined) return "–";
  try { return value.toLocaleString(told.language, currency ? { style: "currency", currency } : { maximumFractionDigits: 2 }); } catch { return number(value, 2); }
}
const clock = (text, tz, daily = false) => new Date(text).toLocaleString(told.language, { timeZone: tz, ...(daily ? { weekday: "short", day: "numeric", month: "short" } : { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }) });

// The local days of the site: dates are read by the server in its zone.
function dayOf(tz, ago) {
  const day = new Date(new Date().toLocaleDateString("sv-SE", { timeZone: tz }) + "T12:00:00Z");
  day.setUTCDate(day.getUTCDate() - ago);
  return day.toISOString().slice(0, 10);
}
function range(tz) {
  if (period === "today") return { from: dayOf(tz, 0), to: null, before: [dayOf(tz, 7), new Date(Date.now() - 7 * DAY_MS).toISOString()], until: Date.now() };
  if (period === "yesterday") return { from: dayOf(tz, 1), to: dayOf(tz, 0), before: [dayOf(tz, 8), dayOf(tz, 7)] };
  const days = period === "week" ? 7 : 28;
  return { from: dayOf(tz, days), to: dayOf(tz, 0), before: [dayOf(tz, 2 * days), dayOf(tz, days)] };
}
const query = (values) => "?" + new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();

function card(site, now) {
  const { words } = told;
  const made = button("", () => choose(site.name), "ovd-site-card", { "aria-pressed": String(site.name === chosen), "data-site": site.name });
  const tags = make("span", "tags");
  if (now) {
    tags.append(make("span", now.open ? "ovd-tag ok" : "ovd-tag quiet", now.open ? words.open : words.closed));
    if (!now.observed) tags.append(make("span", "ovd-tag warn", words.unobserved));
  }
  const people = make("span", "people");
  if (now && now.people !== null) {
    people.append(make("b", "", number(now.people)));
    if (site.capacity) people.append(make("span", "", fill(words.of_capacity, { count: number(site.capacity) })));
    people.append(make("small", "", fill(words.band, { low: number(now.low), high: number(now.high) })));
  } else people.append(make("b", "none", words.unknown));
  made.append(make("strong", "", site.name), people, tags);
  if (now?.people !== null && site.capacity && now) {
    const bar = make("i", "bar " + (now.people >= site.capacity ? "full" : now.people >= 0.85 * site.capacity ? "busy" : ""));
    bar.style.setProperty("--part", Math.min(1, now.people / site.capacity));
    made.append(bar);
  }
  return made;
}
function stat(name, value, note = "", more = "") {
  const made = make("div", "ovd-site-stat");
  made.append(make("dt", "", name), make("dd", "", value));
  if (note) made.append(make("small", more, note));
  return made;
}
function change(now, before) {
  if (now === null || !before) return "";
  const share = now / before - 1;
  return (share >= 0 ? "+" : "−") + percent(Math.abs(share));
}
function stats(site, now, summary, before) {
  const { words } = told;
  const made = make("dl", "ovd-site-stats");
  const comparable = before && (before.open_coverage ?? 0) >= 0.9 && (summary.open_coverage ?? 0) >= 0.9;
  const moved = comparable ? change(summary.entered_open, before.entered_open) : "";
  const isKnown = now.people !== null;
  made.append(stat(words.inside, isKnown ? number(now.people) + (site.capacity ? " " + fill(words.of_capacity, { count: number(site.capacity) }) : "") : words.unknown,
    isKnown ? fill(words.band, { low: number(now.low), high: number(now.high) }) : words.unknown_text));
  made.lastChild.title = words.band_hint;
  made.append(stat(words.entered, number(summary.entered_open), [moved && fill(words["change_" + period], { change: moved }), summary.entered_outside && fill(words.entered_outside, { count: number(summary.entered_outside) })].filter(Boolean).join(" · ")));
  made.append(stat(words.most, number(summary.most), summary.peak ? clock(summary.peak.start, site.tz, period === "month") : ""));
  made.append(stat(words.mean_inside, number(summary.mean_people, 1)));
  made.append(stat(words.mean_stay, lasting(summary.mean_stay_s), summary.no_stay ? words["stay_" + summary.no_stay] : ""));
  if (summary.capture) made.append(stat(words.capture, percent(summary.capture.rate), fill(words.capture_text, { entered: number(summary.capture.entered), passed: number(summary.capture.passed) })));
  if (summary.sales) {
    made.append(stat(words.conversion, percent(summary.conversion), fill(words.transactions, { count: number(summary.sales.transactions) })));
    made.append(stat(words.per_visitor, money(summary.sales_per_visitor, summary.currency)));
  }
  if (summary.best) made.append(stat(words.best, clock(summary.best.start, site.tz), `${number(summary.best.entered)} ${words.entered.toLowerCase()}`));
  if (summary.worst && summary.worst.start !== summary.best.start) made.append(stat(words.worst, clock(summary.worst.start, site.tz), `${number(summary.worst.entered)} ${words.entered.toLowerCase()}`));
  made.append(stat(words.coverage, percent(summary.open_coverage), "", (summary.open_coverage ?? 1) < 0.9 ? "warn" : ""));
  return made;
}
function table(caption, heads, rows) {
  const wide = make("div", "ovd-system-wide", undefined, { tabindex: "0", role: "group", "aria-label": caption });
  const made = make("table", "ovd-system-table");
  const head = make("tr");
  for (const each of heads) head.append(make("th", "", each, { scope: "col" }));
  const top = make("thead");
  top.append(head);
  const body = make("tbody");
  for (const row of rows) {
    const line = make("tr");
    for (const cell of row) line.append(make("td", "", cell));
    body.append(line);
  }
  made.append(top, body);
  wide.append(made);
  return wide;
}
function section(title, ...children) {
  const made = make("section", "ovd-site-section", undefined, { "aria-label": title });
  made.append(make("h3", "", title), ...children);
  return made;
}
function legend(site, buckets, daily) {
  const { words } = told;
  const made = make("p", "ovd-site-legend");
  const key = (className, text) => { const each = make("span"); each.append(make("i", className), text); made.append(each); };
  key("people", daily ? words.most : words.chart_people);
  if (!daily) key("band", words.legend_band);
  if (site.capacity) key("capacity", words.legend_capacity);
  if (buckets.some((each) => each.coverage < 0.98)) key("gap", words.legend_gap);
  if (!daily && buckets.some((each) => !each.open_s)) key("shut", words.legend_closed);
  return made;
}
function describe(bucket, site, daily) {
  const { words } = told;
  const people = bucket.people === null ? words.unknown : `${number(bucket.people)} (${number(bucket.low)}–${number(bucket.high)})`;
  return [clock(bucket.bucket_start, site.tz, daily), daily ? `${words.most} ${number(bucket.most)}` : `${words.chart_people} ${people}`, `${words.entered} ${number(bucket.entered)}`, `${words.left} ${number(bucket.left)}`, ...(bucket.coverage < 0.995 ? [`${words.observed} ${percent(bucket.coverage)}`] : [])].join(" · ");
}
function queuesPart(queues) {
  const { words } = told;
  const rows = queues.period.map((each, index) => {
    const now = queues.now[index];
    return [each.name, number(now?.length), lasting(now?.expected_wait_s), lasting(each.wait_p50_s), lasting(each.wait_p90_s), number(each.served), number(each.abandoned), percent(each.over_limit), percent(each.coverage)];
  });
  return section(words.queues, table(words.queues, [words.queue, words.waiting, words.expected, words.wait_p50, words.wait_p90, words.served, words.abandoned, words.over_limit, words.observed], rows));
}
function afterClosing(summary, site) {
  const { words } = told;
  const known = summary.after_closing.filter((each) => each.people !== null && each.high >= 1);
  if (!summary.after_closing.length) return [];
  const lines = known.slice(-7).reverse().map((each) => make("li", "", fill(words.after_closing_text, { at: clock(each.closed_at, site.tz), people: number(each.people), low: number(each.low), high: number(each.high) })));
  const list = make("ul", "ovd-site-lines");
  list.append(...lines);
  return [section(words.after_closing, known.length ? list : make("p", "ovd-note", words.after_closing_none))];
}
function doorsPart(summary) {
  const { words } = told;
  const withTurnIn = summary.doors.some((door) => door.turn_in);
  const rows = summary.doors.map((door) => [door.name, number(door.entered), number(door.left), percent(door.share), percent(door.coverage), ...(withTurnIn ? [percent(door.turn_in?.rate)] : [])]);
  return section(words.doors, table(words.doors, [words.door, words.entered, words.left, words.share, words.observed, ...(withTurnIn ? [words.turn_in] : [])], rows));
}
function hoursPart(buckets, site, daily) {
  const { words } = told;
  const made = make("details", "ovd-alert-more");
  made.open = element.querySelector("details.ovd-alert-more")?.open ?? false;
  const rows = buckets.map((each) => [clock(each.bucket_start, site.tz, daily), number(each.entered), number(each.left), each.people === null ? "–" : `${number(each.people)} (${number(each.low)}–${number(each.high)})`, number(each.most), percent(each.coverage)]);
  made.append(make("summary", "", words.hours_table), table(words.hours_table, [words.time, words.entered, words.left, words.chart_people, words.most, words.observed], rows));
  return made;
}
function tools(site, now) {
  const { words } = told;
  const made = make("div", "ovd-camera-tools");
  const tell = (text) => { ovdForms.tell(element, text); refresh(); };
  made.append(make("a", "ovd-plain", words.display, { href: "display/" + encodeURIComponent(site.name), target: "_blank", rel: "noopener" }));
  made.append(make("a", "ovd-plain", words.weekly, { href: "api/v1/" + ovdSites.pathOf(site.name, "/weekly" + query({ language: told.language })), download: "" }));
  if (told.operator) {
    made.append(button(words.correct, () => ovdSites.correct(told, site.name, now.people, tell)), button(words.sales, () => ovdSites.importSales(told, site, tell)),
      button(words.edit, () => edit(site), "ovd-plain", { "aria-label": fill(words.edit_of, { name: site.name }) }));
  }
  return made;
}
function periods() {
  const { words } = told;
  const made = make("div", "ovd-segments", undefined, { role: "group", "aria-label": words.period });
  for (const name of Object.keys(PERIODS)) made.append(button(words["period_" + name], () => { period = name; detail(); }, "", { "aria-pressed": String(name === period), "data-period": name }));
  return made;
}
async function detail() {
  const { words } = told;
  const site = sites.find((each) => each.name === chosen);
  if (!site) { place("detail").replaceChildren(); shown = null; return; }
  for (const each of element.querySelectorAll("[data-period]")) each.setAttribute("aria-pressed", String(each.dataset.period === period));
  const mine = ++asked;
  detailedAt = Date.now();
  const [path, { from, to, before, until }] = [(rest) => ovdSites.pathOf(site.name, rest), range(site.tz)];
  const daily = PERIODS[period] === "1d";
  place("detail").setAttribute("aria-busy", "true");
  try {
    // One after the other: days that are not summed up yet are summed up by the first, and read by the others.
    const now = await json(path("/now"));
    const history = await json(path("/occupancy" + query({ from, to, bucket: PERIODS[period] })));
    if (mine !== asked) return;
    const summary = await json(path("/summary" + query({ from, to })));
    const queues = site.queues.length ? await json(path("/queues" + query({ from, to }))) : null;
    if (mine !== asked) return;
    const earlier = await json(path("/summary" + query({ from: before[0], to: before[1] }))).catch(() => null);
    if (mine !== asked) return;
    const buckets = history.items;
    const head = make("div", "ovd-title");
    head.append(make("h2", "", site.name), periods(), tools(site, now));
    const figure = make("figure", "ovd-site-chart");
    const isKnown = buckets.some((each) => each.entered !== null);
    place("detail").replaceChildren(head, stats(site, now, summary, earlier), legend(site, buckets, daily), figure, ...(queues ? [queuesPart(queues)] : []), doorsPart(summary), ...afterClosing(summary, site), hoursPart(buckets, site, daily));
    shown = { figure, buckets, site, daily, until, isKnown };
    drawChart();
  } catch (error) {
    if (mine === asked) place("detail").replaceChildren(make("p", "ovd-empty bad", error.message, { role: "status" }));
  } finally {
    if (mine === asked) place("detail").removeAttribute("aria-busy");
  }
}
function drawChart() {
  if (!shown || !shown.figure.isConnected) return;
  const { figure, buckets, site, daily, until, isKnown } = shown;
  if (!isKnown) figure.replaceChildren(make("p", "ovd-empty", told.words.no_data));
  else ovdSiteChart.draw(figure, told, { buckets, capacity: site.capacity, tz: site.tz, daily, until, describe: (each) => describe(each, site, daily) });
}
function choose(name) {
  chosen = name;
  for (const each of element.querySelectorAll(".ovd-site-card")) each.setAttribute("aria-pressed", String(each.dataset.site === name));
  detail();
}
async function edit(site) {
  try {
    await ovdSites.open(told, site, (name) => { chosen = name || chosen; refresh(); });
  } catch (error) {
    ovdForms.tell(element, error.message, true);
  }
}
async function refresh(inFull = true) {
  if (!told) return;
  try {
    sites = (await json("sites")).items;
  } catch (error) {
    ovdForms.tell(element, error.message, true);
    return;
  }
  if (!sites.some((site) => site.name === chosen)) chosen = sites[0]?.name ?? "";
  const { words } = told;
  if (!sites.length) {
    const empty = make("div", "ovd-empty");
    empty.append(make("strong", "", words.none), make("span", "", told.operator ? words.none_text : words.none_viewer));
    place("list").replaceChildren(empty);
  } else {
    const all = await Promise.all(sites.map((site) => json(ovdSites.pathOf(site.name, "/now")).catch(() => null)));
    place("list").replaceChildren(...sites.map((site, index) => card(site, all[index])));
  }
  if (inFull || Date.now() - detailedAt > DETAIL_MS) await detail();
}
function draw() {
  const { words } = told;
  const title = make("div", "ovd-title");
  title.append(make("h2", "", words.title));
  if (told.operator) {
    const made = make("div", "ovd-camera-tools");
    made.append(button(words.add, () => edit(null), "ovd-main"));
    title.append(made);
  }
  element.replaceChildren(title, make("p", "ovd-note", words.intro), make("div", "ovd-sites-list"), make("section", "ovd-sites-detail", undefined, { "aria-label": words.title }));
}
ovdLive.on("site_words", (words) => {
  told = words;
  draw();
  refresh();
});
new ResizeObserver(() => { if (shown && Math.abs(shown.figure.clientWidth - (shown.width ?? 0)) > 4) { shown.width = shown.figure.clientWidth; drawChart(); } }).observe(element);
ovdForms.whileShown("sites", REFRESH_MS, (opened) => { if (told && !document.querySelector("dialog[open]")) refresh(opened); });
