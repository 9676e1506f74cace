// The window in which a camera is added or edited. It asks the REST API; what is typed, passwords included, stays in
// the window until it is sent, and is forgotten with it.
window.ovdCameras = (() => {
  const { fill, make, button } = ovdDom;
  const FPS = [1, 2, 5, 10, 15];
  const HOPELESS = ["address", "recorded"]; // no camera will ever be there
  let words = {};
  let may = {};
  let templates = null;
  let dialog = null;
  let state = null;

  const ask = (path, options) => ovdDom.ask(path, options, words.failed);
  const json = async (path, options) => (await ask(path, options)).json();
  const pathOf = (name, rest = "") => `cameras/${encodeURIComponent(name)}${rest}`;

  // Fields. What is typed is kept by name in the state, so that a redraw loses nothing.
  function field(label, input, hint, name) {
    const row = make("div", "ovd-form-row");
    const id = "ovd-window-" + name;
    input.id = id;
    row.append(make("label", "", label, { for: id }), input);
    const notes = [];
    if (hint) {
      row.append(make("small", "", hint, { id: id + "-hint" }));
      notes.push(id + "-hint");
    }
    if (state.problem?.at === name) {
      row.append(problemLine(id));
      notes.push(id + "-problem");
      input.setAttribute("aria-invalid", "true");
    }
    if (notes.length) input.setAttribute("aria-describedby", notes.join(" "));
    return row;
  }
  function problemLine(id) {
    const line = make("p", "ovd-problem", state.problem.text, { id: id + "-problem", role: "alert" });
    if (state.problem.details) {
      const more = make("details");
      more.append(make("summary", "", words.details), make("code", "", state.problem.details));
      line.append(more);
    }
    return line;
  }
  function text(name, { typed, ...attributes } = {}) {
    const input = make("input", "", undefined, { type: "text", autocomplete: "off", spellcheck: "false", ...attributes });
    input.value = state.values[name] ?? "";
    input.addEventListener("input", () => { state.values[name] = input.value; typed?.(); });
    return input;
  }
  function select(name, choices, chosen) {
    const input = make("select");
    for (const [value, label] of choices) input.append(make("option", "", label, { value }));
    input.value = state.values[name] ?? choices[0][0];
    input.addEventListener("change", () => { state.values[name] = input.value; chosen?.(); });
    return input;
  }
  function segments(name, choices, label) {
    const group = make("div", "ovd-segments", undefined, { role: "group", "aria-label": label });
    for (const [value, text] of choices) {
      group.append(button(text, () => { state.values[name] = value; state.tested = state.problem = null; draw(); }, "",
        { "aria-pressed": state.values[name] === value }));
    }
    return group;
  }
  function ratesField() {
    const rates = [["", words.fps_all], ...FPS.map((value) => [String(value), fill(words.fps_rate, { value })])];
    const current = state.values.fps ?? "";
    if (!rates.some(([value]) => value === current)) rates.push([current, fill(words.fps_rate, { value: current })]);
    return field(words.fps, select("fps", rates), "", "fps");
  }

  // The address: by maker and host, or as typed; user and password have fields of their own.
  function compose() {
    const { maker, host, stream } = state.values;
    const template = (templates ?? []).find((each) => each.maker === maker);
    if (!template || !(host ?? "").trim()) return;
    const pattern = stream === "sub" && template.sub ? template.sub : template.main;
    state.values.uri = pattern.replace("{host}", host.trim());
    const input = dialog.querySelector("#ovd-window-uri");
    if (input) input.value = state.values.uri;
    changedAddress();
  }
  function changedAddress() {
    if (!state.tested && state.problem?.at !== "uri") return;
    state.tested = state.problem = null;
    dialog.querySelector(".ovd-test-result")?.replaceChildren();
    dialog.querySelector(".ovd-problem")?.remove();
  }
  // A login that was pasted with the address moves to its own fields, where it is hidden.
  function splitLogin() {
    const parts = ovdDom.splitLogin(state?.values.uri ?? "");
    if (!parts) return;
    Object.assign(state.values, parts);
    draw();
  }
  function makerFields() {
    const rows = make("div", "ovd-form-pair");
    const makers = [["", words.maker_other], ...templates.map((each) => [each.maker, each.maker])];
    rows.append(field(words.maker, select("maker", makers, () => { compose(); draw(); }), "", "maker"));
    const template = templates.find((each) => each.maker === state.values.maker);
    if (!template) return rows;
    rows.append(field(words.host, text("host", { typed: compose, inputmode: "url" }), "", "host"));
    if (template.sub) {
      const streams = [["main", words.stream_main], ["sub", words.stream_sub]];
      rows.append(field(words.stream, select("stream", streams, compose), "", "stream"));
    }
    return rows;
  }
  // Cameras that answer in the local network; one that is chosen fills in what is known of it.
  function foundCameras() {
    const row = make("div", "ovd-test");
    const find = () => run(async () => {
      state.found = (await json("camera-discovery", { method: "POST" })).items;
      state.done = state.found.length ? "" : words.find_none;
    }, words.finding);
    row.append(button(words.find, find, "ovd-plain"), make("small", "", words.find_hint));
    const list = make("div", "ovd-area-list", undefined, { role: "group", "aria-label": words.find });
    for (const camera of state.found ?? []) {
      const label = [camera.host, camera.name || camera.hardware].filter(Boolean).join(" · ");
      list.append(button(label, () => choose(camera), "ovd-plain", { "aria-pressed": state.values.host === camera.host }));
    }
    return state.found?.length ? [row, list] : [row];
  }
  function choose({ host, name, hardware }) {
    const told = `${name} ${hardware}`.toLowerCase();
    const known = templates.find(({ maker }) => maker.toLowerCase().split(/[^a-z0-9-]+/).some((word) => word.length > 3 && told.includes(word)));
    Object.assign(state.values, { host, maker: known?.maker ?? "", stream: "main", uri: `rtsp://${host}:554/` });
    compose();
    draw();
  }
  function addressFields(hint) {
    const uri = text("uri", { typed: changedAddress, inputmode: "url" });
    // Not "change", which a field that was drawn anew since it was typed into does not tell; and not before that is done.
    uri.addEventListener("focusout", () => setTimeout(splitLogin));
    // What was pasted is whole at once.
    uri.addEventListener("input", ({ inputType = "" }) => { if (!/^(insert(Composition)?Text|delete)/.test(inputType)) splitLogin(); });
    const login = make("div", "ovd-form-pair");
    login.append(field(words.user, text("user", { typed: changedAddress }), "", "user"), passwordField(hint));
    return [field(words.address, uri, words.address_hint, "uri"), login];
  }
  function passwordField(hint) {
    const input = text("password", { type: "password", autocomplete: "new-password", typed: changedAddress });
    const row = field(words.credential, input, hint, "password");
    const show = button("", () => {
      const hidden = input.type === "password";
      input.type = hidden ? "text" : "password";
      show.setAttribute("aria-pressed", hidden);
    }, "ovd-eye", { "aria-label": words.credential_show, title: words.credential_show, "aria-pressed": "false" });
    const both = make("div", "ovd-secret");
    input.replaceWith(both);
    both.append(input, show);
    return row;
  }
  function typedAddress() {
    const { kind, uri, user, password, webcam } = state.values;
    if (kind === "webcam") return { uri: "webcam:" + (webcam || "0") };
    return { uri: (uri ?? "").trim(), user: user ?? "", password: password ?? "" };
  }
  function isAddressChanged() {
    const { uri, user, password } = typedAddress();
    return uri !== state.camera?.uri || Boolean(user || password);
  }

  // Testing: a still, or the problem in plain words beside the field.
  async function test() {
    const address = typedAddress();
    if (!address.uri) return refuse("uri", words.needs_address);
    const own = state.camera && !isAddressChanged();
    const asked = own ? { name: state.camera.name } : { ...address, name: state.values.name ?? "" };
    const answer = await json("camera-test", { method: "POST", json: asked });
    if (answer.problem) {
      const at = state.values.kind === "webcam" ? "webcam" : may.admin ? "uri" : "test";
      state.mayForce = !HOPELESS.includes(answer.problem);
      return refuse(at, words["problem_" + answer.problem], answer.message);
    }
    state.tested = answer;
    state.problem = null;
    return true;
  }
  function refuse(at, text, details = "") {
    state.tested = null;
    if (!details) state.mayForce = false;
    state.problem = { at, text, details };
    return false;
  }
  function testRow() {
    const row = make("div", "ovd-test");
    row.append(button(words.test, () => run(test, words.testing), "ovd-plain"), make("small", "", words.test_hint));
    const result = make("div", "ovd-test-result", undefined, { role: "status" });
    if (state.problem?.at === "test") result.append(problemLine("ovd-window-test"));
    if (state.tested) {
      const { width, height, fps, seconds, image } = state.tested;
      result.append(make("img", "", undefined, { src: image, alt: words.test_still }),
        make("p", "ok", fill(words.test_ok, { width, height, fps, seconds: seconds.toFixed(1) })));
    }
    return [row, result];
  }

  // While something runs, the buttons of the window wait.
  async function run(work, message = words.working) {
    const begun = state;
    // Buttons are off meanwhile; what comes by a key, or by another tab, has its turn afterwards.
    if (begun?.busy) { begun.next = () => run(work, message); return; }
    if (begun) Object.assign(begun, { busy: true, message, bad: false });
    if (begun) draw();
    try {
      await work();
      if (begun) begun.message = begun.done ?? "";
      if (begun) begun.done = "";
    } catch (error) {
      if (!begun) tell(error.message, true);
      else Object.assign(begun, { message: error.message, bad: true });
    }
    if (!begun) return;
    begun.busy = false;
    if (begun !== state) return;
    draw();
    const { next } = begun;
    begun.next = null;
    next?.();
  }
  function tell(text, bad = false) {
    const line = make("p", bad ? "ovd-told bad" : "ovd-told", text, { role: bad ? "alert" : "status" });
    document.querySelector(".ovd-told")?.remove();
    document.querySelector("#ovd-cameras").prepend(line); // outside of the list, which follows the server
    setTimeout(() => line.remove(), 12000);
  }

  // Adding.
  function drawAdd() {
    const kinds = [["address", words.kind_address], ["file", words.kind_file], ["webcam", words.kind_webcam]];
    const allowed = may.admin ? kinds : kinds.slice(1, 2);
    const { kind } = state.values;
    const parts = [segments("kind", allowed, words.kind)];
    if (kind === "file") parts.push(fileField());
    else {
      if (kind === "address" && templates) parts.push(...foundCameras(), makerFields());
      if (kind === "address") parts.push(...addressFields(""));
      else parts.push(field(words.webcam_number, text("webcam", { type: "number", min: "0", typed: changedAddress }), "", "webcam"));
      parts.push(...testRow());
    }
    const pair = make("div", "ovd-form-pair");
    pair.append(field(words.name, text("name"), words.name_hint, "name"), ratesField());
    parts.push(pair, field(words.queries, queriesArea(), words.queries_hint, "queries"));
    return parts;
  }
  function queriesArea() {
    const area = make("textarea", "", undefined, { rows: "2", spellcheck: "false" });
    area.value = state.values.queries ?? "";
    area.addEventListener("input", () => { state.values.queries = area.value; });
    return area;
  }
  const typedQueries = () => (state.values.queries ?? "").split("\n").map((line) => line.trim()).filter(Boolean);
  function fileField() {
    const input = make("input", "", undefined, { type: "file", accept: "video/*,image/*,.mkv,.ts" });
    if (state.file) input.files = state.file;
    input.addEventListener("change", () => { state.file = input.files; });
    return field(words.file, input, words.file_hint, "file");
  }
  function upload(file) {
    return new Promise((done, failed) => {
      const form = new FormData();
      form.append("file", file);
      const sending = new XMLHttpRequest();
      sending.upload.addEventListener("progress", ({ loaded, total }) => {
        state.message = fill(words.uploading, { percent: Math.floor((100 * loaded) / total) });
        dialog.querySelector("[role=status].ovd-window-status").textContent = state.message;
      });
      sending.addEventListener("error", () => failed(new Error(words.failed)));
      sending.addEventListener("load", () => {
        const body = (() => { try { return JSON.parse(sending.responseText); } catch { return null; } })();
        if (sending.status < 300 && body) done(body);
        else failed(new Error(body?.error?.message ?? words.failed));
      });
      sending.open("POST", "api/v1/uploads");
      sending.send(form);
    });
  }
  async function addFile() {
    const file = state.file?.[0];
    const queries = typedQueries();
    if (!file) return refuse("file", words.needs_file);
    if (!queries.length) return refuse("queries", words.needs_queries);
    const { uri } = await upload(file);
    const name = (state.values.name ?? "").trim() || file.name.replace(/\.[^.]+$/, "");
    return finishAdding({ name, uri, queries });
  }
  async function addCamera(isForced) {
    if (state.values.kind === "file") return addFile();
    if (!isForced && !state.tested && !(await test())) return false;
    return finishAdding({ name: (state.values.name ?? "").trim(), ...typedAddress(), queries: typedQueries() });
  }
  async function finishAdding(body) {
    if (!body.queries.length && !(await json("queries")).items.length) return refuse("queries", words.needs_queries);
    const fps = state.values.fps ? Number(state.values.fps) : null;
    const added = await json("cameras", { method: "POST", json: { ...body, fps } });
    close();
    tell(fill(added.continues ? words.continues : words.added, added));
    return true;
  }

  // Editing.
  const tabs = {};
  function drawEdit() {
    const names = [["source", words.tab_source], ["queries", words.tab_queries], ["zones", words.tab_zones], ["masks", words.tab_masks]];
    if (may.admin) names.push(["removal", words.tab_removal]);
    const list = make("div", "ovd-tabs", undefined, { role: "tablist" });
    for (const [name, label] of names.filter(([name]) => tabs[name])) {
      const isShown = state.tab === name;
      list.append(button(label, () => open(name), "", { role: "tab", id: "ovd-tab-" + name, "aria-selected": isShown, tabindex: isShown ? "0" : "-1", "aria-controls": "ovd-tab-panel" }));
    }
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const all = [...list.children];
      const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
      next.click();
      dialog.querySelector("#" + next.id).focus();
    });
    const panel = make("div", "ovd-tab-panel", undefined, { role: "tabpanel", id: "ovd-tab-panel", "aria-labelledby": "ovd-tab-" + state.tab });
    panel.append(...tabs[state.tab].draw());
    return [list, panel];
  }
  function open(tab) {
    Object.assign(state, { tab, message: "", bad: false, problem: null });
    if (tabs[tab].load && !state.loaded[tab]) run(async () => { await tabs[tab].load(); state.loaded[tab] = true; });
    else draw();
  }
  tabs.source = {
    draw() {
      const isFile = !/^(rtsps?|https?):\/\/|^webcam:/i.test(state.camera.uri);
      const name = text("name");
      name.disabled = !may.admin;
      const parts = [field(words.name, name, may.admin ? "" : words.admin_only, "name")];
      if (isFile) return [...parts, make("p", "ovd-note", words.source_file)];
      if (may.admin) parts.push(...addressFields(words.credential_kept));
      else parts.push(make("p", "ovd-note", state.camera.uri));
      return [...parts, ...testRow(), ratesField()];
    },
    save: async (isForced) => {
      const changes = { fps: state.values.fps ? Number(state.values.fps) : null };
      if (may.admin && isAddressChanged()) {
        if (!isForced && !state.tested && !(await test())) return;
        Object.assign(changes, typedAddress());
      }
      const name = (state.values.name ?? "").trim();
      if (may.admin && name && name !== state.camera.name) changes.name = name;
      keep(await json(pathOf(state.camera.name), { method: "PATCH", json: changes }));
      state.done = words.saved;
    },
  };
  tabs.queries = {
    load: async () => {
      state.readings = {};
      for (const { text } of state.queries) await read(text);
    },
    draw() {
      const list = make("ul", "ovd-query-rows");
      state.queries.forEach((query, at) => list.append(queryRow(query, at)));
      const entry = text("query");
      const add = () => run(async () => {
        const typed = (state.values.query ?? "").trim();
        if (!typed) return;
        await read(typed);
        state.queries.push({ text: typed, min_score: null });
        state.values.query = "";
      });
      entry.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); add(); } });
      const row = make("div", "ovd-add-row");
      row.append(field(words.query_add, entry, "", "query"), button("+", add, "ovd-plain", { "aria-label": words.query_add }));
      return state.queries.length ? [list, row] : [make("p", "ovd-note", words.query_none), row];
    },
    save: async () => {
      const changed = await json(pathOf(state.camera.name), { method: "PATCH", json: { queries: state.queries } });
      keep(changed);
      state.done = [words.saved, ...changed.aliases.map((alias) => fill(words.alias, alias))].join(" ");
    },
  };
  async function read(text) {
    const answer = await json("queries/read", { method: "POST", json: { text, lang: document.documentElement.lang === "ko" ? "ko" : "en" } });
    state.readings[text] = answer.queries[0];
  }
  function queryRow(query, at) {
    const row = make("li");
    const reading = state.readings?.[query.text];
    const said = reading && reading.name !== query.text ? `${reading.name}${reading.note ? ": " + reading.note : ""}` : reading?.note ?? "";
    const head = make("div");
    head.append(make("strong", "", query.text));
    if (said) head.append(make("small", reading.supported ? "" : "bad", said));
    const shown = query.min_score ?? reading?.min_score ?? 0.35;
    const slider = make("input", "", undefined, { type: "range", min: "0.05", max: "0.95", step: "0.01", "aria-label": fill(words.query_threshold, { query: query.text }) });
    slider.value = shown;
    const output = make("output", "", shown.toFixed(2));
    slider.addEventListener("input", () => { query.min_score = Number(slider.value); output.textContent = query.min_score.toFixed(2); });
    const remove = button("×", () => { state.queries.splice(at, 1); draw(); }, "ovd-remove", { "aria-label": fill(words.query_remove, { query: query.text }) });
    row.append(head, slider, output, remove);
    return row;
  }
  tabs.removal = {
    draw: () => [make("p", "", words.removal_text),
      button(fill(words.removal_confirm, state.camera), () => run(async () => {
        const { name } = state.camera;
        await ask(pathOf(name), { method: "DELETE" });
        close();
        tell(fill(words.removed, { name }));
      }), "ovd-danger")],
  };
  function keep(camera) {
    state.camera = camera;
    state.queries = camera.queries.map((query) => ({ ...query }));
    Object.assign(state.values, { name: camera.name, uri: camera.uri, user: "", password: "", fps: camera.fps === null ? "" : String(camera.fps) });
    state.tested = state.problem = null;
    state.mayForce = false;
  }

  function actions() {
    const row = make("div", "ovd-window-actions");
    row.append(make("span", state.bad ? "ovd-window-status bad" : "ovd-window-status", state.message, { role: "status" }));
    const save = state.camera ? tabs[state.tab].save : addCamera;
    if (!save) return row;
    if (state.mayForce && state.problem) {
      row.append(button(words.save_anyway, () => run(() => save(true)), "ovd-plain", { title: words.save_anyway_hint }));
    }
    const label = state.camera ? words.save : state.values.kind === "file" ? words.upload_count : words.save_count;
    row.append(button(label, () => run(() => save(false)), "ovd-main"));
    return row;
  }
  function draw() {
    if (!state || !dialog.open) return;
    const title = state.camera ? fill(words.edit_title, state.camera) : words.add_title;
    const head = make("div", "ovd-title");
    head.append(make("h2", "", title, { id: "ovd-camera-title" }), button("×", close, "ovd-remove", { "aria-label": words.close }));
    const body = make("div", "ovd-window-body");
    body.append(...(state.camera ? drawEdit() : drawAdd()));
    const focused = document.activeElement?.id || "";
    const index = [...dialog.querySelectorAll("button")].indexOf(document.activeElement);
    const scrolled = dialog.querySelector(".ovd-window-body")?.scrollTop ?? 0;
    dialog.replaceChildren(head, body, actions());
    body.scrollTop = scrolled;
    const buttons = [...dialog.querySelectorAll("button")];
    if (state.busy) for (const each of buttons) if (!each.closest(".ovd-title")) each.disabled = true;
    const again = focused ? dialog.querySelector("#" + CSS.escape(focused)) : buttons[index];
    again?.focus({ preventScroll: true });
    dialog.toggleAttribute("data-busy", state.busy);
  }
  function show(begun) {
    if (!dialog) {
      dialog = make("dialog", "ovd-window", undefined, { "aria-labelledby": "ovd-camera-title" });
      document.querySelector(".gradio-container .contain").append(dialog);
      dialog.addEventListener("close", () => { tabs[state?.tab]?.leave?.(); state = null; dialog.replaceChildren(); });
    }
    state = { values: {}, busy: false, message: "", bad: false, problem: null, tested: null, mayForce: false, loaded: {}, queries: [], ...begun };
    dialog.showModal();
    draw();
  }
  function close() { dialog.close(); }
  async function add() {
    show({ values: { kind: may.admin ? "address" : "file", stream: "main" } });
    if (may.admin && !templates) {
      await run(async () => { templates = (await json("camera-templates")).items; });
    }
    dialog.querySelector("#ovd-window-uri, #ovd-window-file")?.focus();
  }
  async function edit(name) {
    show({ camera: { name, uri: "webcam:0", fps: null, queries: [] }, tab: "source" });
    await run(async () => keep(await json(pathOf(name))));
  }

  // Many at once.
  async function exportFile() {
    await run(async () => {
      const blob = await (await ask("camera-file")).blob();
      const link = make("a", "", undefined, { href: URL.createObjectURL(blob), download: "cameras.json" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
  }
  function importFile() {
    const chooser = make("input", "", undefined, { type: "file", accept: ".json,application/json" });
    chooser.addEventListener("change", () => run(async () => {
      const body = new FormData();
      body.append("file", chooser.files[0]);
      const { names, incomplete, refused } = await json("camera-file", { method: "POST", body });
      const told = [fill(words.imported, { count: names.length })];
      if (incomplete.length) told.push(fill(words.import_incomplete, { names: incomplete.join(", ") }));
      if (refused.length) told.push(fill(words.import_refused, { names: refused.map((each) => each.name).join(", ") }));
      tell(told.join(" "), Boolean(refused.length));
    }));
    chooser.click();
  }

  ovdLive.on("camera_words", (told) => {
    words = told.words;
    may = told;
    document.documentElement.classList.toggle("ovd-operator", may.operator && !may.admin);
  });
  // What a tab of another script needs of the window.
  const shared = { draw, run, json, ask, pathOf, field, text, select, tabs, get words() { return words; }, get may() { return may; }, get state() { return state; } };
  return { add, edit, run, import: importFile, export: exportFile, shared };
})();
