// The window in which an alert rule is made or edited, with what it would have told last week.
window.ovdAlerts = (() => {
  const { fill, make, button } = ovdDom;
  const OBJECTS = ["above", "below", "present", "absent", "crossed"];
  const OF_SITES = ["occupancy_above", "occupancy_below"];
  const CONDITIONS = [...OBJECTS, ...OF_SITES, "lost", "stale", "moved", "disk_low"];
  const NOT_REPLAYED = ["moved", "disk_low", ...OF_SITES];
  const WITHOUT_CAMERAS = ["disk_low", ...OF_SITES];
  const LIMITS = ["above", "below", ...OF_SITES];
  const PREVIEW_MS = 500;
  const HOURS = [["hours_always", ""], ["hours_work", "mon-fri 09:00-18:00"], ["hours_night", "daily 22:00-06:00"]];
  let words = {};
  let tz = "UTC";
  let dialog = null;
  let state = null;

  const json = async (path, options) => (await ovdDom.ask(path, options, words.failed)).json();
  const list = async (path) => { try { return (await json(path)).items; } catch { return []; } };
  const nameOf = (query) => query.text ?? query;

  function tell(text, bad = false) {
    const line = make("p", bad ? "ovd-told bad" : "ovd-told", text, { role: bad ? "alert" : "status" });
    document.querySelector("#ovd-alerts .ovd-told")?.remove();
    document.querySelector("#ovd-alerts").prepend(line);
    setTimeout(() => line.remove(), 12000);
  }
  const tellTested = (targets) => tell(fill(words.tested, { targets }));

  // What is typed, by the names of the API; empty texts are left out.
  function fresh() {
    return { name: "", when: "above", query: "", count: "4", cameras: [], zone: "", site: "", direction: "any", within_s: "60", for_s: "10",
      clear_count: "", clear_for: "0", cooldown_s: "0", schedule: "", tz, severity: "warning", to: [] };
  }
  function typed(rule) {
    const text = (value) => (value === null || value === undefined ? "" : String(value));
    const ofSite = OF_SITES.includes(rule.when);
    return { ...rule, zone: ofSite ? "" : rule.zone, site: ofSite ? rule.zone : "", count: text(rule.count), within_s: text(rule.within_s ?? 60), for_s: text(rule.for_s), clear_count: text(rule.clear.count),
      clear_for: text(rule.clear.for_s), cooldown_s: text(rule.cooldown_s), schedule: rule.schedule.join("; ") };
  }
  function ruleOf() {
    const { values } = state;
    const number = (text) => (String(text).trim() === "" ? null : Number(text));
    const counts = OBJECTS.includes(values.when);
    const uses = usesCount(values.when);
    const kept = WITHOUT_CAMERAS.includes(values.when) ? [] : values.cameras;
    const zone = OF_SITES.includes(values.when) ? values.site : counts ? values.zone : "";
    return {
      name: values.name.trim(), when: values.when, cameras: kept, query: counts ? values.query : "", zone,
      count: uses ? number(values.count) : null, direction: values.when === "crossed" ? values.direction : "any",
      within_s: ["crossed", "stale"].includes(values.when) ? number(values.within_s) : null, for_s: number(values.for_s) ?? 0,
      clear: { count: LIMITS.includes(values.when) ? number(values.clear_count) : null, for_s: number(values.clear_for) ?? 0 },
      cooldown_s: number(values.cooldown_s) ?? 0, schedule: values.schedule.split(";").map((part) => part.trim()).filter(Boolean),
      tz: values.tz || "UTC", severity: values.severity, to: values.to,
    };
  }
  const usesCount = (when) => [...LIMITS, "crossed", "present", "disk_low"].includes(when);

  // Fields.
  function row(label, input, name, hint = "") {
    const made = make("div", "ovd-form-row");
    const id = "ovd-alert-" + name;
    input.id = id;
    made.append(make("label", "", label, { for: id }), input);
    if (hint) {
      made.append(make("small", "", hint, { id: id + "-hint" }));
      input.setAttribute("aria-describedby", id + "-hint");
    }
    return made;
  }
  function input(name, attributes = {}) {
    const made = make("input", "", undefined, { type: "text", autocomplete: "off", ...attributes });
    made.value = state.values[name] ?? "";
    made.addEventListener("input", () => { state.values[name] = made.value; preview(); });
    return made;
  }
  const number = (name) => input(name, { type: "number", min: "0", step: "any", inputmode: "decimal" });
  function select(name, choices, redraws = false) {
    const made = make("select");
    for (const [value, label] of choices) made.append(make("option", "", label, { value }));
    if (!choices.some(([value]) => value === state.values[name])) state.values[name] = choices[0]?.[0] ?? "";
    made.value = state.values[name];
    made.addEventListener("change", () => { state.values[name] = made.value; if (redraws) draw(); else preview(); });
    return made;
  }
  function checks(label, name, choices, hint, redraws = false) {
    const group = make("fieldset", "ovd-alert-checks");
    group.append(make("legend", "", label));
    for (const choice of choices) {
      const line = make("label");
      const box = make("input", "", undefined, { type: "checkbox", value: choice });
      box.checked = state.values[name].includes(choice);
      box.addEventListener("change", () => {
        const others = state.values[name].filter((each) => each !== choice);
        state.values[name] = box.checked ? [...others, choice] : others;
        if (redraws) draw(); else preview();
      });
      line.append(box, make("span", "", choice));
      group.append(line);
    }
    if (hint) group.append(make("small", "", hint));
    return group;
  }
  function pair(...rows) {
    const made = make("div", "ovd-form-pair");
    made.append(...rows);
    return made;
  }
  function chosenCameras() {
    const { cameras } = state.values;
    return state.cameras.filter((camera) => !cameras.length || cameras.includes(camera.name));
  }
  function queryChoices() {
    const texts = new Set();
    for (const camera of chosenCameras()) {
      const own = camera.queries.map(nameOf);
      for (const text of own.length ? own : state.saved) texts.add(text);
    }
    if (state.values.query) texts.add(state.values.query);
    return [...texts].map((text) => [text, text]);
  }
  function zoneChoices() {
    const crossed = state.values.when === "crossed";
    const found = new Map();
    for (const camera of chosenCameras()) {
      for (const zone of state.zones.get(camera.name) ?? []) if (crossed || zone.kind === "polygon") found.set(zone.name, zone.name);
    }
    if (state.values.zone) found.set(state.values.zone, state.values.zone);
    return [...(crossed ? [] : [["", words.zone_whole]]), ...found.entries()];
  }

  function fields() {
    const { when } = state.values;
    const counts = OBJECTS.includes(when);
    const parts = [row(words.name, input("name", { maxlength: "200" }), "name")];
    const condition = [row(words.when, select("when", CONDITIONS.filter((each) => state.sites.length || each === when || !OF_SITES.includes(each)).map((each) => [each, words["when_" + each]]), true), "when")];
    if (usesCount(when)) condition.push(row(when === "disk_low" ? words.gigabytes : words.count, number("count"), "count"));
    parts.push(pair(...condition));
    if (OF_SITES.includes(when)) {
      const sites = [...new Set([...state.sites, state.values.site])].filter(Boolean);
      state.values.site ||= sites[0] ?? "";
      parts.push(row(words.site, select("site", sites.map((each) => [each, each])), "site"));
    }
    if (!WITHOUT_CAMERAS.includes(when)) parts.push(checks(words.cameras, "cameras", state.cameras.map((camera) => camera.name), words.cameras_hint, true));
    if (counts) parts.push(pair(row(words.query, select("query", queryChoices()), "query"), row(words.zone, select("zone", zoneChoices()), "zone")));
    const times = [];
    if (when === "crossed") times.push(row(words.direction, select("direction", ["any", "in", "out"].map((each) => [each, words["direction_" + each]])), "direction"));
    if (["crossed", "stale"].includes(when)) times.push(row(words.within, number("within_s"), "within_s"));
    times.push(row(words.for_s, number("for_s"), "for_s", words.for_hint));
    parts.push(pair(...times), hours());
    if (state.targets.length || state.values.to.length) parts.push(checks(words.to, "to", [...new Set([...state.targets, ...state.values.to])], ""));
    else parts.push(make("p", "ovd-note", words.to_none));
    parts.push(more(when));
    return parts;
  }
  function hours() {
    const made = row(words.schedule, input("schedule"), "schedule", words.schedule_hint);
    const group = make("div", "ovd-alert-presets", undefined, { role: "group", "aria-label": words.schedule });
    for (const [label, value] of HOURS) group.append(button(words[label], () => { state.values.schedule = value; draw(); }, "ovd-plain"));
    made.append(group);
    return made;
  }
  function more(when) {
    const made = make("details", "ovd-alert-more");
    made.open = state.moreOpen;
    made.addEventListener("toggle", () => { state.moreOpen = made.open; });
    const severities = ["info", "warning", "critical"].map((each) => [each, words["severity_" + each]]);
    const first = pair(row(words.severity, select("severity", severities), "severity"), row(words.tz, input("tz"), "tz"));
    const second = pair(row(words.clear_for, number("clear_for"), "clear_for"), row(words.cooldown, number("cooldown_s"), "cooldown_s"));
    if (LIMITS.includes(when)) second.prepend(row(words.clear_count, number("clear_count"), "clear_count"));
    made.append(make("summary", "", words.more), first, second);
    if (when === "moved" && state.saved_name) made.append(button(words.reference, () => run(takeReference), "ovd-plain"));
    return made;
  }
  const takeReference = () => ovdDom.ask(`alerts/${encodeURIComponent(state.saved_name)}/reference`, { method: "POST" }, words.failed);

  // What the rule would have told: asked once typing pauses; a later answer replaces an earlier one.
  function preview() {
    clearTimeout(state.timer);
    state.timer = setTimeout(async () => {
      const begun = state;
      const asked = (begun.asked = (begun.asked ?? 0) + 1);
      const rule = { ...ruleOf(), name: begun.values.name.trim() || "preview", to: [] };
      let text = "";
      let others = "";
      if (NOT_REPLAYED.includes(rule.when)) text = words.would_not;
      else {
        try {
          const answer = await json("alerts/replay", { method: "POST", json: rule });
          const nothing = OBJECTS.includes(rule.when) && !answer.observed_s;
          const since = new Date(answer.start).toLocaleString([], { dateStyle: "short", timeStyle: "short", timeZone: tz });
          text = nothing ? words.would_none : fill(answer.complete ? words.would : words.would_since, { count: answer.alerts, time: since });
          if (!nothing) others = near(answer.thresholds, rule.count).map(({ count, alerts }) => fill(words.would_other, { count, alerts })).join(" · ");
        } catch (error) { text = error.message; }
      }
      if (begun !== state || asked !== begun.asked) return;
      begun.preview = [text, others];
      showPreview();
    }, PREVIEW_MS);
  }
  function near(thresholds, count) {
    return [...thresholds].sort((a, b) => Math.abs(a.count - count) - Math.abs(b.count - count)).slice(0, 5).sort((a, b) => a.count - b.count);
  }
  function showPreview() {
    const place = dialog?.querySelector(".ovd-alert-preview");
    if (!place) return;
    const [text, others] = state.preview;
    place.replaceChildren(make("strong", "", text), make("small", "", others));
  }

  async function run(work) {
    const begun = state;
    if (begun.busy) return;
    Object.assign(begun, { busy: true, message: words.working, bad: false });
    showStatus();
    try {
      await work();
      begun.message = "";
    } catch (error) {
      Object.assign(begun, { message: error.message, bad: true });
    }
    begun.busy = false;
    if (begun === state) showStatus();
  }
  function showStatus() {
    const line = dialog?.querySelector(".ovd-window-status");
    if (!line) return;
    line.textContent = state.message;
    line.classList.toggle("bad", Boolean(state.bad));
    for (const each of dialog.querySelectorAll(".ovd-window-actions button")) each.disabled = Boolean(state.busy);
  }
  async function save() {
    const rule = ruleOf();
    if (state.saved_name) await json(`alerts/${encodeURIComponent(state.saved_name)}`, { method: "PATCH", json: rule });
    else await json("alerts", { method: "POST", json: rule });
    close();
  }
  async function remove() {
    if (!window.confirm(fill(words.remove_sure, { name: state.saved_name }))) return;
    await ovdDom.ask(`alerts/${encodeURIComponent(state.saved_name)}`, { method: "DELETE" }, words.failed);
    close();
  }
  function close() {
    clearTimeout(state?.timer);
    dialog?.close();
    dialog?.remove();
    dialog = null;
  }

  function draw() {
    const focused = document.activeElement?.id;
    const title = state.saved_name ? fill(words.window_edit, { name: state.saved_name }) : words.window_new;
    const head = make("div", "ovd-title");
    head.append(make("h2", "", title, { id: "ovd-alert-title" }), button("×", close, "ovd-remove", { "aria-label": words.close }));
    const body = make("div", "ovd-window-body");
    body.append(...fields(), make("div", "ovd-alert-preview", undefined, { role: "status" }));
    const actions = make("div", "ovd-window-actions");
    actions.append(button(words.save, () => run(save), "ovd-main"), button(words.cancel, close));
    if (state.saved_name) actions.append(button(words.remove, () => run(remove), "ovd-danger"));
    actions.append(make("span", "ovd-window-status", "", { role: "status" }));
    const scrolled = dialog.querySelector(".ovd-window-body")?.scrollTop ?? 0;
    dialog.replaceChildren(head, body, actions);
    body.scrollTop = scrolled;
    if (focused) document.getElementById(focused)?.focus();
    if (state.preview) showPreview();
    showStatus();
    preview();
  }
  async function open(name) {
    if (dialog) return;
    const [rules, cameras, saved, targets, sites] = await Promise.all([name ? list("alerts?limit=1000") : [], list("cameras"), list("queries"), list("targets"), list("sites")]);
    const rule = rules.find((each) => each.name === name);
    if (dialog || (name && !rule)) return;
    state = { values: rule ? typed(rule) : fresh(), saved_name: rule?.name ?? "", cameras, saved: saved.map(nameOf), zones: new Map(),
      targets: targets.map((target) => target.name), sites: sites.map((site) => site.name), message: "", moreOpen: false };
    const zones = await Promise.all(cameras.map((camera) => list(`cameras/${encodeURIComponent(camera.name)}/zones`)));
    cameras.forEach((camera, index) => state.zones.set(camera.name, zones[index]));
    dialog = make("dialog", "ovd-window ovd-alert-window", undefined, { "aria-labelledby": "ovd-alert-title" });
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
    document.querySelector(".gradio-container .contain").append(dialog);
    draw();
    dialog.showModal();
    document.getElementById("ovd-alert-name")?.focus();
  }
  ovdLive.on("alert_words", (told) => ({ words, tz } = told));
  return { open, tell, tellTested };
})();
