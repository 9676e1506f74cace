// The tabs of the window in which lines, areas and masks are drawn.
(() => {
  const { fill, make, button } = ovdDom;
  const shared = ovdCameras.shared;
  const TRIAL_S = 30;
  const TRIAL_STEP_MS = 1500;
  const RECENT_S = 120;
  const LIVE = /^(rtsps?|https?):\/\/|^webcam:/i;
  const words = () => shared.words;

  // A still of the camera: its newest counted frame, or one that is fetched from it now.
  async function takeStill() {
    const { name } = shared.state.camera;
    let url;
    try {
      url = URL.createObjectURL(await (await shared.ask(shared.pathOf(name, "/frame.jpg?plain=true"))).blob());
    } catch (error) {
      if (error.code !== "not_found") throw error;
      const answer = await shared.json("camera-test", { method: "POST", json: { name } });
      if (answer.problem) throw new Error(words()["problem_" + answer.problem]);
      url = answer.image;
    }
    const shown = new Image();
    shown.src = url;
    await shown.decode();
    return { url, width: shown.naturalWidth, height: shown.naturalHeight };
  }
  function freeName(items, stem) {
    const taken = new Set(items.map((item) => item.name.toLowerCase()));
    let number = 1;
    while (taken.has(`${stem} ${number}`.toLowerCase())) number += 1;
    return `${stem} ${number}`;
  }
  function redraw(state, key) {
    state.trial = null;
    shared.draw();
    state[key].paint(); // the point that had the focus gets it again
  }
  const byKey = (event) => event.detail === 0;

  // Tools above the still, the still, and what is chosen on it.
  function drawCanvas(canvas, tools) {
    const { drawing } = canvas;
    const bar = make("div", "ovd-area-tools", undefined, { role: "toolbar", "aria-label": words().tools });
    for (const { label, shape, build } of tools) {
      bar.append(button(label, (event) => canvas.begin(shape, build, byKey(event), label), "ovd-plain", { "aria-pressed": drawing?.label === label }));
    }
    const undo = button(words().undo, () => canvas.undo(), "ovd-plain");
    undo.disabled = !canvas.canUndo;
    bar.append(undo);
    if (drawing) {
      if (drawing.shape === "polygon") bar.append(button(words().finish_area, () => canvas.finish(), "ovd-plain"));
      bar.append(button(words().cancel, () => canvas.cancel(), "ovd-plain"));
    }
    const hint = drawing ? (drawing.shape === "line" ? words().draw_line_hint : words().draw_area_hint) : canvas.items.length ? words().area_hint : words().area_none;
    const list = make("div", "ovd-area-list", undefined, { role: "group", "aria-label": words().area_list });
    canvas.items.forEach((item, index) => list.append(button(item.name, () => canvas.choose(index), "ovd-plain", { "aria-pressed": index === canvas.index })));
    return [bar, make("p", "ovd-note", hint), canvas.stage, ...(canvas.items.length ? [list] : [])];
  }
  function nameField(canvas) {
    const input = make("input", "", undefined, { type: "text", maxlength: "200", autocomplete: "off" });
    input.value = canvas.chosen.name;
    input.addEventListener("change", () => canvas.change(() => { canvas.chosen.name = input.value.trim() || canvas.chosen.name; }));
    return shared.field(words().area_name, input, "", "area-name");
  }
  function selectField(canvas, key, label, choices) {
    const input = make("select");
    for (const [value, text] of choices) input.append(make("option", "", text, { value }));
    input.value = canvas.chosen[key] ?? choices[0][0];
    input.addEventListener("change", () => canvas.change(() => { canvas.chosen[key] = input.value; }));
    return shared.field(label, input, "", "area-" + key);
  }
  const anchorField = (canvas) => selectField(canvas, "anchor", words().anchor, [
    ["bottom", words().anchor_bottom], ["center", words().anchor_center], ["top", words().anchor_top]]);

  // Lines and zones, and the crossings that they would count.
  const zoneTools = () => {
    const canvas = shared.state.zones;
    return [
      { label: words().new_line, shape: "line", build: () => ({ name: freeName(canvas.items, words().line_stem), anchor: "bottom" }) },
      { label: words().new_area, shape: "polygon", build: () => ({ name: freeName(canvas.items, words().area_stem), anchor: "bottom" }) },
    ];
  };
  const sentZones = () => shared.state.zones.items.map(({ name, shape, points, anchor }) => ({ name, kind: shape, points, anchor }));
  shared.tabs.zones = {
    load: async () => {
      const { state } = shared;
      const { items } = await shared.json(shared.pathOf(state.camera.name, "/zones"));
      const drawn = items.map(({ kind, ...zone }) => ({ ...zone, shape: kind }));
      state.zones = ovdAreaCanvas({ image: await takeStill(), items: drawn, words: words(), changed: () => redraw(state, "zones") });
    },
    draw() {
      const canvas = shared.state.zones;
      if (!canvas) return [];
      const parts = drawCanvas(canvas, zoneTools());
      parts[0].append(button(words().propose, () => shared.run(propose), "ovd-plain"));
      if (canvas.chosen) parts.push(drawZoneFields(canvas));
      if (canvas.items.length) parts.push(...drawTrial());
      return parts;
    },
    save: async () => {
      const { state } = shared;
      const { camera } = state;
      const restart = LIVE.test(camera.uri); // a recording would be counted twice
      await shared.ask(shared.pathOf(camera.name, `/zones?restart=${restart}`), { method: "PUT", json: { items: sentZones() } });
      state.done = restart ? words().zones_saved : words().zones_saved_next;
    },
    leave: stopTrial,
  };
  // Lines across the flow of what was tracked lately; they are drawn, to be moved, named and saved.
  async function propose() {
    const { state } = shared;
    const { items } = await shared.json(shared.pathOf(state.camera.name, "/zones/proposals"));
    if (!items.length) { state.done = words().propose_none; return; }
    const canvas = state.zones;
    canvas.change(() => { for (const { kind, points, anchor } of items) canvas.items.push({ name: freeName(canvas.items, words().line_stem), shape: kind, points, anchor }); });
    canvas.choose(canvas.items.length - items.length);
    state.done = words().propose_done;
  }
  function drawZoneFields(canvas) {
    const row = make("div", "ovd-form-pair");
    row.append(nameField(canvas), anchorField(canvas));
    const acts = make("div", "ovd-area-tools");
    if (canvas.chosen.shape === "line") acts.append(button(words().swap, () => canvas.swap(), "ovd-plain"));
    acts.append(button(fill(words().area_remove, canvas.chosen), () => canvas.remove(), "ovd-danger"));
    row.append(acts);
    return row;
  }
  let timer = 0;
  function stopTrial() { clearTimeout(timer); timer = 0; }
  async function askTrial(seconds) {
    const { state } = shared;
    const path = shared.pathOf(state.camera.name, "/zones/try");
    state.trial = await shared.json(path, { method: "POST", json: { items: sentZones(), seconds } });
  }
  function tryRecent() { stopTrial(); shared.run(() => askTrial(RECENT_S)); }
  function tryFor() {
    stopTrial();
    const { state } = shared;
    const begun = Date.now();
    const step = async () => {
      if (state !== shared.state || state.tab !== "zones") return stopTrial();
      const passed = (Date.now() - begun) / 1000;
      try {
        await askTrial(Math.max(Math.min(passed, TRIAL_S), 1));
        state.trial.left = Math.max(Math.ceil(TRIAL_S - passed), 0);
        timer = passed < TRIAL_S ? setTimeout(step, TRIAL_STEP_MS) : 0;
      } catch (error) {
        Object.assign(state, { message: error.message, bad: true });
        stopTrial();
      }
      shared.draw();
    };
    step();
  }
  function drawTrial() {
    const { trial } = shared.state;
    const row = make("div", "ovd-area-tools");
    row.append(button(words().try_recent, tryRecent, "ovd-plain"), button(fill(words().try_for, { seconds: TRIAL_S }), tryFor, "ovd-plain"));
    const result = make("div", "ovd-trial", undefined, { role: "status" });
    if (!trial) return [row, result];
    const told = trial.frames ? fill(words().trial_of, { seconds: Math.round(trial.seconds), frames: trial.frames }) : words().trial_nothing;
    result.append(make("p", "ovd-note", trial.left ? `${told} ${fill(words().trial_left, { seconds: trial.left })}` : told));
    for (const each of trial.items) {
      const numbers = each.kind === "line" ? fill(words().trial_line, each) : fill(words().trial_area, each);
      const line = make("p", "", "");
      line.append(make("strong", "", each.zone), ` ${each.query}: ${numbers}`);
      result.append(line);
    }
    return [row, result];
  }

  // Masks: where nothing is counted, or nothing shown; and what is silenced at its place by a click.
  const maskTools = (canvas) => {
    const build = (kind, stem) => () => ({ name: freeName(canvas.items, stem), kind, anchor: "bottom", query: "" });
    const tools = [{ label: words().new_ignore, shape: "polygon", build: build("ignore", words().ignore_stem) }];
    if (shared.may.admin) tools.push({ label: words().new_privacy, shape: "polygon", build: build("privacy", words().privacy_stem) });
    return tools;
  };
  shared.tabs.masks = {
    load: async () => {
      const { state } = shared;
      const { items } = await shared.json(shared.pathOf(state.camera.name, "/masks"));
      const drawn = items.map((mask) => ({ ...mask, shape: "polygon" }));
      const changed = () => redraw(state, "masks");
      state.masks = ovdAreaCanvas({ image: await takeStill(), items: drawn, words: words(), changed, lookOf: ({ kind }) => kind });
    },
    draw() {
      const canvas = shared.state.masks;
      if (!canvas) return [];
      const parts = [make("p", "ovd-note", words().mask_note), ...drawCanvas(canvas, maskTools(canvas))];
      parts[1].append(button(words().silence, () => shared.run(offerBoxes), "ovd-plain", { "aria-pressed": Boolean(canvas.offered) }));
      if (canvas.offered) parts[2].textContent = words().silence_hint;
      if (canvas.chosen) parts.push(drawMaskFields(canvas));
      return parts;
    },
    save: async () => {
      const { state } = shared;
      const { camera } = state;
      const items = state.masks.items.map(({ name, kind, points, anchor, query }) => ({ name, kind, points, anchor, query }));
      await shared.ask(shared.pathOf(camera.name, "/masks"), { method: "PUT", json: { items } });
      state.done = LIVE.test(camera.uri) ? words().masks_saved : words().zones_saved_next;
    },
  };
  function drawMaskFields(canvas) {
    const row = make("div", "ovd-form-pair");
    row.append(nameField(canvas));
    if (canvas.chosen.kind === "ignore") {
      const { query } = canvas.chosen;
      const texts = new Set([...shared.state.queries.map((each) => each.text), ...(query ? [query] : [])]);
      row.append(anchorField(canvas), selectField(canvas, "query", words().mask_query, [["", words().mask_query_all], ...[...texts].map((text) => [text, text])]));
    }
    const acts = make("div", "ovd-area-tools");
    acts.append(button(fill(words().area_remove, canvas.chosen), () => canvas.remove(), "ovd-danger"));
    row.append(acts);
    return row;
  }
  // What is found in the still now; a click on it makes a small ignore area where it stands.
  async function offerBoxes() {
    const { state } = shared;
    const canvas = state.masks;
    const image = canvas.stage.querySelector("img");
    const form = new FormData();
    form.append("image", await (await fetch(image.src)).blob(), "still.jpg");
    const texts = state.queries.map((query) => query.text);
    if (!texts.length) texts.push(...(await shared.json("queries")).items.map((item) => item.text));
    for (const text of texts) form.append("query", text);
    const { detections, width, height } = await shared.json("detect", { method: "POST", body: form });
    if (!detections.length) { state.done = words().silence_none; return; }
    canvas.offer(detections.map(({ label, box }) => {
      const norm = [box.xmin / width, box.ymin / height, box.xmax / width, box.ymax / height];
      return { box: norm, label: fill(words().silence_of, { name: label }), act: () => silence(canvas, label, norm) };
    }));
  }
  function silence(canvas, query, [x0, y0, x1, y1]) {
    const [wide, high] = [Math.max((x1 - x0) * 0.35, 0.01), Math.max((y1 - y0) * 0.15, 0.01)];
    const [x, y] = [(x0 + x1) / 2, y1];
    const part = (value) => Math.round(Math.min(Math.max(value, 0), 1) * 10000) / 10000;
    const points = [[x - wide, y - high], [x + wide, y - high], [x + wide, y + high], [x - wide, y + high]].map((point) => point.map(part));
    canvas.offer([]);
    canvas.change(() => canvas.items.push({ shape: "polygon", kind: "ignore", points, anchor: "bottom", query, name: freeName(canvas.items, query) }));
    canvas.choose(canvas.items.length - 1);
  }
})();
