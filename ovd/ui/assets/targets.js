// Targets of alerts and messages that did not reach them: asked of the REST API while the view is shown.
const { fill, make, button, ask } = ovdDom;
const REFRESH_MS = 15000;
const MOST_LISTED = 50;
const SCHEMES = { webhook: "", mail: "mailto:", service: "" };
let words = {};
let may = {};
let health = {};
let known = { targets: [], dead: [] };
let dialog = null;
let values = {};

const json = async (path, options) => (await ask(path, options, words.failed)).json();
const isShown = () => document.documentElement.classList.contains("ovd-view-alerts");
const timeOf = (text) => new Date(text).toLocaleString(may.language, { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", timeZone: may.tz, hour12: false });

// What the server says in English, in the words of the page.
const ERRORS = [
  [/^(\S+) answered with status (\d+)/, "error_status"], [/^(\S+) cannot be reached/, "error_away"],
  [/^(\S+) did not answer in (\d+) s/, "error_silent"], [/^(\S+) did not take the message/, "error_refused"], [/^(\S+) redirects/, "error_moved"],
];
function tellError(text) {
  for (const [pattern, word] of may.language === "en" ? [] : ERRORS) {
    const found = pattern.exec(text);
    if (found) return fill(words[word], { address: found[1], value: found[2] });
  }
  return text;
}
function hoursOf(hours) {
  const [daily, ...days] = words.days.split(" ");
  const names = { daily, "every day": daily, 매일: daily };
  ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].forEach((name, index) => { names[name] = days[index]; });
  return hours.map((each) => each.replace(/every day|[a-z]+/gi, (name) => names[name.toLowerCase()] ?? name)).join("; ");
}

async function load() {
  if (!may.operator || !isShown() || document.hidden) return;
  try {
    const [targets, dead] = await Promise.all([json("targets"), json(`deliveries?status=dead&limit=${MOST_LISTED}`)]);
    known = { targets: targets.items, dead: dead.items };
  } catch { return; } // what is shown stays until the server answers again
  draw();
}
async function act(pressed, work) {
  pressed.disabled = true;
  try {
    await work();
  } catch (error) {
    ovdAlerts.tell(tellError(error.message), true);
  }
  pressed.disabled = false;
  await load();
}
function acting(label, name, work, className = "") {
  const made = button(label, () => act(made, work), className, { "aria-label": name });
  return made;
}

function draw() {
  const parts = may.operator ? [...undelivered(), ...targets()] : [];
  element.replaceChildren(...parts);
}
function heading(text, ...buttons) {
  const made = make("div", "ovd-title");
  const tools = make("div", "ovd-target-tools");
  tools.append(...buttons);
  made.append(make("h2", "", text), tools);
  return made;
}
function undelivered() {
  const { dead } = known;
  if (!dead.length) return [];
  const count = Math.max(health.dead ?? 0, dead.length);
  const again = acting(words.resend_all, words.resend_all, () => resend(null));
  const drop = acting(words.drop_all, words.drop_all, () => dropped(null, count));
  const list = make("ul", "ovd-target-list");
  list.append(...dead.map(deadRow));
  const made = make("section", "ovd-undelivered");
  made.append(heading(`${words.undelivered} (${count})`, again, drop), make("p", "ovd-note", words.undelivered_note), list);
  if (count > dead.length) made.append(make("p", "ovd-note", fill(words.more_undelivered, { count: count - dead.length })));
  return [made];
}
function deadRow({ id, target, error, queued_at, message }) {
  const row = make("li");
  const what = make("div");
  what.append(make("strong", "", `${message.rule} ${words["type_" + message.type]}`), make("span", "", ` → ${target}`),
    make("small", "", [timeOf(queued_at), message.camera ?? words.machine].join(" · ")), make("small", "bad", tellError(error)));
  const named = { rule: message.rule, target };
  const tools = make("div", "ovd-target-tools");
  tools.append(acting(words.resend, fill(words.resend_of, named), () => resend([id])), acting(words.drop, fill(words.drop_of, named), () => dropped([id], 1)));
  row.append(what, tools);
  return row;
}
async function resend(ids) {
  const { messages } = await json("deliveries/resend", { method: "POST", json: { ids } });
  ovdAlerts.tell(fill(words.resent, { count: messages }));
}
async function dropped(ids, count) {
  if (!window.confirm(fill(words.drop_sure, { count }))) return;
  await json("deliveries/drop", { method: "POST", json: { ids } });
}

function targets() {
  const made = make("section", "ovd-targets");
  const add = may.admin ? [button(words.add, open, "ovd-main")] : [];
  made.append(heading(words.title, ...add), make("p", "ovd-note", words.intro));
  if (health.waiting) made.append(make("p", "ovd-note", fill(words.waiting, { count: health.waiting })));
  if (!known.targets.length) {
    const empty = make("div", "ovd-empty");
    empty.append(make("span", "", words.none));
    made.append(empty);
    return [made];
  }
  const list = make("ul", "ovd-target-list");
  list.append(...known.targets.map(targetRow));
  made.append(list);
  return [made];
}
function targetRow(target) {
  const row = make("li", "", undefined, { "data-target": target.name });
  const what = make("div");
  what.append(make("strong", "", target.name), make("small", "", [target.url, ...optionsOf(target)].join(" · ")));
  if (target.problem) what.append(make("small", "bad", fill(words.problem, { error: tellError(target.problem) })));
  row.append(what);
  if (!may.admin) return row;
  const { name } = target;
  const tools = make("div", "ovd-target-tools");
  tools.append(acting(words.test, fill(words.test_of, { name }), () => test(name)));
  if (!target.fixed) tools.append(acting(words.remove, fill(words.remove_of, { name }), () => remove(name)));
  row.append(tools);
  return row;
}
function optionsOf(target) {
  const told = [words["language_" + target.language]];
  if (target.fixed) told.push(target.name === "mqtt" ? words.every_alert : words.fixed);
  if (target.has_secret) told.push(words.signed);
  if (target.per_minute) told.push(fill(words.per_minute_is, { count: target.per_minute }));
  if (target.quiet_hours.length) told.push(fill(words.quiet_is, { hours: hoursOf(target.quiet_hours) }));
  if (target.digest_s) told.push(fill(words.digest_is, { time: target.digest_s }));
  return told;
}
const pathOf = (name, rest = "") => `targets/${encodeURIComponent(name)}${rest}`;
async function test(name) {
  await json(pathOf(name, "/test"), { method: "POST" });
  ovdAlerts.tell(fill(words.tested, { name }));
}
async function remove(name) {
  if (window.confirm(fill(words.remove_sure, { name }))) await ask(pathOf(name), { method: "DELETE" }, words.failed);
}

// The window in which a target is added; what is typed into it is gone with it.
function row(label, field, name, hint = "") {
  const made = make("div", "ovd-form-row");
  field.id = "ovd-target-" + name;
  made.append(make("label", "", label, { for: field.id }), field);
  if (hint) {
    made.append(make("small", "", hint, { id: field.id + "-hint" }));
    field.setAttribute("aria-describedby", field.id + "-hint");
  }
  return made;
}
function input(name, attributes = {}) {
  const made = make("input", "", undefined, { type: "text", autocomplete: "off", spellcheck: "false", ...attributes });
  made.value = values[name];
  made.addEventListener("input", () => { values[name] = made.value; });
  return made;
}
function select(name, choices, changed = () => {}) {
  const made = make("select");
  for (const [value, label] of choices) made.append(make("option", "", label, { value }));
  made.value = values[name];
  made.addEventListener("change", () => { values[name] = made.value; changed(); });
  return made;
}
function pair(...rows) {
  const made = make("div", "ovd-form-pair");
  made.append(...rows);
  return made;
}
function fields() {
  const { kind } = values;
  const kinds = Object.keys(SCHEMES).map((each) => [each, words["kind_" + each]]);
  const type = kind === "mail" ? { type: "email" } : { inputmode: "url" };
  const parts = [
    pair(row(words.name, input("name", { maxlength: "200" }), "name"), row(words.kind, select("kind", kinds, drawWindow), "kind")),
    row(words["address_" + kind], input("url", { maxlength: "2000", ...type }), "url", words["hint_" + kind]),
  ];
  if (kind === "webhook") parts.push(row(words.key, input("secret", { type: "password", maxlength: "500", autocomplete: "new-password" }), "secret", words.key_hint));
  const languages = [["en", words.language_en], ["ko", words.language_ko]];
  const more = make("details", "ovd-alert-more");
  more.append(make("summary", "", words.more),
    pair(row(words.per_minute, input("per_minute", { type: "number", min: "1" }), "per_minute", words.per_minute_hint), row(words.digest, input("digest_s", { type: "number", min: "0" }), "digest_s", words.digest_hint)),
    pair(row(words.quiet, input("quiet_hours"), "quiet_hours", words.quiet_hint), row(words.tz, input("tz"), "tz")));
  parts.push(row(words.language, select("language", languages), "language"), more);
  return parts;
}
function drawWindow() {
  const focused = document.activeElement?.id;
  const head = make("div", "ovd-title");
  head.append(make("h2", "", words.window, { id: "ovd-target-title" }), button("×", close, "ovd-remove", { "aria-label": words.close }));
  const body = make("div", "ovd-window-body");
  body.append(...fields());
  const actions = make("div", "ovd-window-actions");
  actions.append(button(words.save, save, "ovd-main"), button(words.cancel, close), make("span", "ovd-window-status", "", { role: "status" }));
  dialog.replaceChildren(head, body, actions);
  document.getElementById(focused)?.focus();
}
function open() {
  if (dialog) return;
  values = { name: "", kind: "webhook", url: "", secret: "", language: may.language, per_minute: "", quiet_hours: "", tz: may.tz, digest_s: "0" };
  dialog = make("dialog", "ovd-window ovd-target-window", undefined, { "aria-labelledby": "ovd-target-title" });
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
  document.querySelector(".gradio-container .contain").append(dialog);
  drawWindow();
  dialog.showModal();
  document.getElementById("ovd-target-name").focus();
}
function close() {
  values = {};
  dialog?.close();
  dialog?.remove();
  dialog = null;
}
async function save() {
  const status = dialog.querySelector(".ovd-window-status");
  const buttons = dialog.querySelectorAll(".ovd-window-actions button");
  const tell = (text, bad) => { status.textContent = text; status.classList.toggle("bad", bad); for (const each of buttons) each.disabled = !bad; };
  tell(words.working, false);
  const scheme = SCHEMES[values.kind];
  const typed = values.url.trim();
  const target = {
    name: values.name.trim(), url: typed.startsWith(scheme) ? typed : scheme + typed, secret: values.kind === "webhook" ? values.secret : "", language: values.language,
    per_minute: values.per_minute ? Number(values.per_minute) : null, quiet_hours: values.quiet_hours.split(";").map((part) => part.trim()).filter(Boolean),
    tz: values.tz.trim() || "UTC", digest_s: Number(values.digest_s || 0),
  };
  try {
    await json("targets", { method: "POST", json: target });
  } catch (error) {
    if (dialog) tell(error.message, true);
    return;
  }
  close();
  await load();
}

ovdLive.on("target_words", (told) => { may = told; words = told.words; draw(); load(); });
ovdLive.on("deliveries", (told) => { health = told; load(); });
new MutationObserver(load).observe(document.documentElement, { attributeFilter: ["class"] });
setInterval(load, REFRESH_MS);
