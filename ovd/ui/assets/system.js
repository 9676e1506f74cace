// The system view: how the server stands, and for admins who may use it. All of it asks the REST API; what a role may not see is not asked for.
const { fill, make, button } = ovdDom;
const REFRESH_MS = 5000;
const JOB_MS = 1000;
const AUDIT_ROWS = 20;
let told = null;
let auditRows = AUDIT_ROWS;
const drawn = new Map();

const json = async (path, options) => (await ovdDom.ask(path, options, told.words.failed)).json();
const moment = (text) => ovdForms.moment(text, told.language, told.tz);
const failed = (error) => ovdForms.tell(element, error.message, true);
function bytes(count) {
  if (count === null || count === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, count > 0 ? Math.floor(Math.log10(count) / 3) : 0);
  return `${(count / 1000 ** power).toLocaleString(told.language, { maximumFractionDigits: power ? 1 : 0 })} ${units[power]}`;
}
const number = (count, digits = 0) => count.toLocaleString(told.language, { maximumFractionDigits: digits });
const tag = (text, kind) => make("span", "ovd-tag " + kind, text);
function facts(pairs) {
  const made = make("dl", "ovd-system-facts");
  for (const [name, value] of pairs) {
    const pair = make("div");
    const cell = make("dd");
    cell.append(value);
    pair.append(make("dt", "", name), cell);
    made.append(pair);
  }
  return made;
}
// A part is drawn anew only when what it shows has changed, so that focus stays where it is.
function part(name, title, version, build) {
  const key = JSON.stringify([version, told.language]);
  if (drawn.get(name) === key) return;
  drawn.set(name, key);
  const place = element.querySelector(`[data-part="${name}"]`);
  place.hidden = false;
  place.replaceChildren(make("h3", "", title), ...build());
}

function health(known, system) {
  const { words } = told;
  const kinds = { ok: "ok", degraded: "warn", down: "bad" };
  part("health", words.health, [known, system.threads, system.subscribers], () => {
    const states = { counting: "ok", waiting: "warn", stopped: "", failed: "bad" };
    const rows = known.cameras.map((camera) => [
      camera.name,
      camera.in_gap && camera.state === "counting" ? tag(words.in_gap, "warn") : tag(words["state_" + camera.state] ?? camera.state, states[camera.state] ?? ""),
      camera.frame_age_s === null ? "–" : fill(words.seconds_ago, { count: number(camera.frame_age_s, 1) }), number(camera.frames_per_s, 1), camera.detail,
    ]);
    const parts = [make("p", "lead")];
    parts[0].append(tag(words["status_" + known.status], kinds[known.status]));
    parts.push(rows.length ? ovdAccounts.table([words.camera, words.state, words.frame_age, words.frame_rate, ""], rows) : make("p", "", words.no_cameras));
    const pairs = [];
    if (told.operator) {
      const bad = system.threads.filter((thread) => !thread.good);
      pairs.push([words.threads, bad.length ? bad.map((thread) => `${thread.name}: ${thread.last_failure || thread.state}`).join("; ") : fill(words.threads_good, { count: system.threads.length })]);
      const missed = system.subscribers.filter((item) => item.dropped);
      if (missed.length) pairs.push(["", missed.map((item) => fill(words.missed, { name: item.name, count: item.dropped })).join("; ")]);
    }
    const store = [words["store_" + known.store.state] ?? known.store.state, known.store.queued ? fill(words.queued, { count: number(known.store.queued) }) : "", known.store.detail];
    pairs.push([words.store, store.filter(Boolean).join(" · ")]);
    return [...parts, facts(pairs)];
  });
}
function models(detectors, known) {
  const { words } = told;
  part("models", words.models, [detectors, known.detector], () => {
    const rows = detectors.map((model) => [
      model.name, model.licence, model.parameters ? number(model.parameters / 1e6, 1) + " M" : "–", bytes(model.bytes),
      model.in_use ? [known.detector.runtime, known.detector.precision].filter(Boolean).join(" · ") : "–",
      model.in_use ? tag(words.in_use, "ok") : tag(model.installed ? words.installed : words.not_installed, ""),
    ]);
    const notes = known.detector.notes.map((note) => make("p", "quiet", note));
    return [ovdAccounts.table([words.model, words.licence, words.parameters, words.size, words.runtime, ""], rows), ...notes];
  });
}
function storage(system) {
  const { words } = told;
  const { storage: disk, retention, evidence } = system;
  part("disk", words.disk, disk, () => {
    const used = 1 - disk.free_bytes / disk.total_bytes;
    const bar = make("div", "ovd-system-bar", undefined, { role: "img", "aria-label": fill(words.disk_free_of, { free: bytes(disk.free_bytes), total: bytes(disk.total_bytes) }) });
    const filled = make("i");
    filled.style.width = `${Math.round(100 * used)}%`;
    bar.append(filled);
    return [bar, facts([
      [words.disk_free, fill(words.disk_free_of, { free: bytes(disk.free_bytes), total: bytes(disk.total_bytes) })], [words.disk_database, bytes(disk.database_bytes)],
      [words.disk_evidence, bytes(disk.evidence_bytes)], [words.disk_uploads, bytes(disk.uploads_bytes)], [words.disk_results, bytes(disk.results_bytes)],
    ])];
  });
  const kept = ({ days, bytes: size }) => [days ? fill(words.for_days, { count: number(days, 1) }) : "", size ? fill(words.up_to, { size: bytes(size) }) : ""].filter(Boolean).join(", ") || words.forever;
  part("retention", words.retention, retention, () => [
    facts([[words.keep_counts, kept(retention.counts)], [words.keep_tracks, kept(retention.tracks)], [words.keep_zone_events, kept(retention.zone_events)]]), make("p", "quiet", words.rollups),
  ]);
  part("evidence", words.evidence, evidence, () => {
    const pairs = [];
    if (evidence.keep !== "none") pairs.push([words.evidence_kept, [fill(words.for_days, { count: number(evidence.days) }), fill(words.up_to, { size: bytes(evidence.megabytes * 1e6) })].join(", ")], [words.blur, words["blur_" + evidence.blur]]);
    const change = make("p", "quiet", words.change_settings + " ");
    if (told.admin) change.append(button(words.reload, (event) => run(event, reload), "ovd-plain"));
    return [make("p", "", words["keep_" + evidence.keep]), facts(pairs), ...(told.admin ? [change] : [])];
  });
}
async function run(event, work) {
  const source = event.currentTarget;
  source.disabled = true;
  try { await work(source); } catch (error) { failed(error); }
  source.disabled = false;
}
async function reload() {
  const { applied, after_restart: later } = await json("settings/reload", { method: "POST" });
  const { words } = told;
  const parts = [applied.length ? fill(words.reloaded, { applied: applied.join(", ") }) : words.reloaded_none];
  if (later.length) parts.push(fill(words.after_restart, { keys: later.join(", ") }));
  ovdForms.tell(element, parts.join(" "));
  refresh();
}
async function backup(source) {
  const { words } = told;
  let job = await json("backup", { method: "POST" });
  source.textContent = words.backup_wait;
  while (["queued", "running"].includes(job.state)) {
    await new Promise((resolve) => setTimeout(resolve, JOB_MS));
    job = await json("jobs/" + job.id);
  }
  source.textContent = words.backup_make;
  if (job.state !== "done") throw new Error(job.error || words.failed);
  // The file can read passwords of cameras: once it was fetched it is removed from the server.
  ovdForms.saveFile(await (await ovdDom.ask(`jobs/${job.id}/result`, {}, words.failed)).blob(), `ovd-${new Date().toISOString().slice(0, 10)}.tar`);
  await ovdDom.ask("jobs/" + job.id, { method: "DELETE" });
}
async function admin(system) {
  const { words } = told;
  const [users, tokens, cameras, audit] = await Promise.all(["users", "tokens", "cameras?limit=1000", `audit?limit=${auditRows}`].map((path) => json(path)));
  const names = cameras.items.map((camera) => camera.name);
  part("users", words.users, [users.items, names], () => ovdAccounts.users(told, users.items, names, refresh));
  part("tokens", words.tokens, tokens.items, () => ovdAccounts.tokens(told, tokens.items, refresh, failed));
  part("backup", words.backup, system.can_back_up, () => (system.can_back_up
    ? [make("p", "", words.backup_text), button(words.backup_make, (event) => run(event, backup), "ovd-plain")] : [make("p", "", words.backup_not)]));
  part("audit", words.audit, [audit.items, audit.next], () => {
    const rows = audit.items.map((entry) => [moment(entry.at), [entry.actor || entry.kind, entry.address].filter(Boolean).join(" · "), [entry.action, entry.target, entry.detail].filter(Boolean).join(" · ")]);
    const more = button(words.more, () => { auditRows += AUDIT_ROWS; refresh(); }, "ovd-plain");
    return rows.length ? [ovdAccounts.table([words.audit_at, words.audit_who, words.audit_what], rows), ...(audit.next ? [more] : [])] : [make("p", "", words.audit_none)];
  });
}
function about(system) {
  const { words } = told;
  part("about", words.about, system.version, () => {
    const api = make("a", "", "/docs", { href: "docs" });
    const pairs = [[words.version, "ovd " + system.version], [words.licence, words.licence_text], [words.languages, Object.values(system.languages).join(", ")], [words.documentation, api]];
    if (system.python) pairs.push([words.python, system.python], [words.store, system.database]);
    return [facts(pairs)];
  });
}
let isAsking = false;
async function refresh() {
  if (!told || isAsking) return;
  isAsking = true;
  try {
    const [known, system, detectors] = await Promise.all(["health", "system", "detectors"].map((path) => json(path)));
    health(known, system);
    models(detectors.items, known);
    if (told.operator) storage(system);
    about(system);
    if (told.admin) await admin(system);
  } catch (error) {
    failed(error);
  } finally {
    isAsking = false;
  }
}
function draw() {
  const { words } = told;
  drawn.clear();
  const title = make("div", "ovd-title");
  title.append(make("h2", "", words.title));
  const parts = make("div", "ovd-system-parts");
  for (const name of ["health", "models", "disk", "retention", "evidence", "users", "tokens", "backup", "about", "audit"]) {
    const made = make("section", "ovd-system-part", undefined, { "data-part": name, "aria-label": words[name] ?? name });
    made.hidden = true;
    parts.append(made);
  }
  element.replaceChildren(title, make("p", "ovd-note", words.intro), parts);
}
ovdLive.on("system_words", (words) => {
  told = words;
  draw();
  refresh();
});
ovdForms.whileShown("system", REFRESH_MS, refresh);
