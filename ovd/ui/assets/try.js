// Tries queries on the newest frame of a camera, on kept images, or on a file, with one or two detectors and thresholds side by
// side. The server tells everything that is found; thresholds are applied here, so that moving one shows its effect at once.
window.ovdTry = (() => {
  const { fill, make, makeSvg, button } = ovdDom;
  const BINS = 20;
  const COLOURS = ["#2f7fe0", "#f28a1a", "#0b8a68", "#ea6cb8", "#6238d0", "#b01c1c", "#45b8ec", "#948b00"];
  let told = { words: {}, cameras: [], detectors: [], operator: false };
  let dialog = null;

  function begin(root, first = {}) {
    const state = { kind: told.cameras.length ? "camera" : "file", camera: "", file: null, text: "", sides: [{}], frame: 0, busy: false, problem: "", ...first };
    const words = () => told.words;
    const camera = () => (told.cameras.includes(state.camera) ? state.camera : told.cameras[0] ?? "");

    // Asking: each side has a detector of its own, whose answer is kept until something else is asked.
    async function ask(side) {
      const body = new FormData();
      for (const line of state.text.split("\n")) if (line.trim()) body.append("query", line.trim());
      if (state.kind === "file") body.append("file", state.file);
      else body.append("camera", camera());
      body.append("evidence", state.kind === "kept");
      body.append("detector", side.detector ?? "");
      body.append("lang", document.documentElement.lang === "ko" ? "ko" : "en");
      side.answer = await (await ovdDom.ask("preview", { method: "POST", body }, words().failed)).json();
      side.scores ??= {};
      for (const { query, min_score } of side.answer.queries) side.scores[query] ??= first.scores?.[query] ?? min_score;
    }
    async function show() {
      if (state.busy) return;
      state.problem = !state.text.trim() ? words().needs_query : state.kind === "file" && !state.file ? words().needs_file : "";
      if (state.problem) return draw();
      Object.assign(state, { busy: true, frame: 0 });
      draw();
      try {
        for (const side of state.sides) await ask(side);
      } catch (error) {
        state.problem = error.message;
      }
      state.busy = false;
      draw();
    }
    const forget = () => { for (const side of state.sides) side.answer = null; };

    // What is asked, and of what.
    function field(label, input, id) {
      const row = make("div", "ovd-form-row");
      input.id = id;
      row.append(make("label", "", label, { for: id }), input);
      return row;
    }
    function select(choices, value, chosen) {
      const input = make("select");
      for (const [key, label] of choices) input.append(make("option", "", label, { value: key }));
      input.value = value;
      input.addEventListener("change", () => chosen(input.value));
      return input;
    }
    function kinds() {
      const choices = [["camera", words().newest], ["kept", words().kept], ["file", words().file]];
      const group = make("div", "ovd-segments", undefined, { role: "group", "aria-label": words().source });
      for (const [kind, label] of told.cameras.length ? choices : choices.slice(2)) {
        group.append(button(label, () => { state.kind = kind; forget(); state.problem = ""; draw(); }, "", { "aria-pressed": state.kind === kind }));
      }
      return group;
    }
    function drop() {
      const zone = make("label", "ovd-drop");
      const input = make("input", "", undefined, { type: "file", accept: "image/*,video/*,.mkv,.ts" });
      const take = (file) => { if (!file) return; state.file = file; forget(); if (state.text.trim()) show(); else draw(); };
      input.addEventListener("change", () => take(input.files[0]));
      zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
      zone.addEventListener("dragleave", () => zone.classList.remove("over"));
      zone.addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files[0]); });
      zone.append(make("span", "", state.file ? state.file.name : words().drop), input);
      return zone;
    }
    function form() {
      const parts = [kinds()];
      if (state.kind === "file") parts.push(drop());
      else parts.push(field(words().camera, select(told.cameras.map((name) => [name, name]), camera(), (name) => { state.camera = name; forget(); draw(); }), "ovd-try-camera"));
      const area = make("textarea", "", undefined, { rows: "2", spellcheck: "false" });
      area.value = state.text;
      area.addEventListener("input", () => { state.text = area.value; });
      area.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); show(); } });
      parts.push(field(words().queries, area, "ovd-try-text"));
      const row = make("div", "ovd-try-actions");
      row.append(button(state.busy ? words().working : words().show, show, "ovd-main", state.busy ? { disabled: "" } : {}));
      row.append(button(words().compare, () => {
        state.sides = state.sides.length > 1 ? state.sides.slice(0, 1) : [...state.sides, { ...state.sides[0], scores: { ...state.sides[0].scores } }];
        draw();
      }, "ovd-plain", { "aria-pressed": state.sides.length > 1 }));
      row.append(make("p", state.problem ? "ovd-problem" : "ovd-note", state.problem || words().nothing_kept, { role: state.problem ? "alert" : "note" }));
      return [...parts, row];
    }

    // What was found.
    function choose(side) {
      if (!told.operator || told.detectors.length < 2) return [];
      const names = told.detectors.map(({ name }) => [name, name]);
      const current = side.detector ?? told.detectors.find(({ in_use }) => in_use)?.name;
      return [field(words().detector, select(names, current, (name) => { Object.assign(side, { detector: name, answer: null, scores: {} }); show(); }), "ovd-try-detector-" + state.sides.indexOf(side))];
    }
    const passes = (side) => ({ label, score }) => score >= (side.scores[label] ?? 0);
    const colourOf = (side, label) => COLOURS[side.answer.queries.findIndex(({ query }) => query === label) % COLOURS.length];
    function paint(side, canvas, image) {
      const frame = side.answer.frames[state.frame];
      const pen = canvas.getContext("2d");
      Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
      pen.drawImage(image, 0, 0);
      const scale = image.naturalWidth / frame.width;
      pen.font = "600 15px sans-serif";
      for (const { label, score, box } of frame.detections.filter(passes(side))) {
        pen.strokeStyle = pen.fillStyle = colourOf(side, label);
        pen.lineWidth = 3;
        const [x, y] = [box.xmin * scale, box.ymin * scale];
        pen.strokeRect(x, y, (box.xmax - box.xmin) * scale, (box.ymax - box.ymin) * scale);
        const tag = score.toFixed(2);
        pen.fillRect(x - 1.5, Math.max(0, y - 18), pen.measureText(tag).width + 8, 18);
        pen.fillStyle = "#ffffff";
        pen.fillText(tag, x + 2.5, Math.max(14, y - 4));
      }
    }
    function histogram(side, { query, scores }) {
      const bins = Array(BINS).fill(0);
      for (const score of scores) bins[Math.min(BINS - 1, Math.floor(score * BINS))] += 1;
      const most = Math.max(1, ...bins);
      const svg = makeSvg("svg", "ovd-histogram", { viewBox: `0 0 ${BINS * 10} 40`, preserveAspectRatio: "none", role: "img" });
      const limit = side.scores[query];
      bins.forEach((count, at) => {
        const height = count ? Math.max(3, (36 * count) / most) : 0;
        const bar = makeSvg("rect", "", { x: at * 10 + 1, width: 8, y: 40 - height, height });
        bar.setAttribute("fill", (at + 1) / BINS > limit ? colourOf(side, query) : "var(--ovd-line)");
        svg.append(bar);
      });
      svg.append(makeSvg("line", "", { x1: limit * BINS * 10, x2: limit * BINS * 10, y1: 0, y2: 40, stroke: "currentColor", "stroke-width": 2 }));
      svg.setAttribute("aria-label", fill(words().histogram, { count: scores.filter((score) => score >= limit).length, all: scores.length }));
      return svg;
    }
    function queryRow(side, reading, changed) {
      const { query, read_as, supported, note, conditions } = reading;
      const row = make("li", "ovd-try-row");
      const head = make("div", "ovd-try-head");
      const called = reading.name;
      const name = make("strong", "", called === query ? query : `${query} → ${called}`);
      name.style.setProperty("--swatch", colourOf(side, query));
      const count = make("b", "ovd-try-count");
      head.append(name, count);
      row.append(head);
      const notes = [note, conditions ? words().conditions : ""].filter(Boolean).join("; ");
      if (notes) row.append(make("small", supported ? "" : "bad", notes));
      if (!supported) { count.textContent = "\u2013"; return row; }
      const plot = make("div");
      const slider = make("input", "", undefined, { type: "range", min: side.answer.lowest_score, max: "0.95", step: "0.01", "aria-label": fill(words().threshold, { query }) });
      slider.value = side.scores[query];
      const output = make("output");
      const line = make("div", "ovd-try-slider");
      line.append(slider, output);
      row.append(plot, line);
      const update = () => {
        const shown = side.answer.frames[state.frame].detections.filter((each) => each.label === query).filter(passes(side)).length;
        const all = reading.scores.filter((score) => score >= side.scores[query]).length;
        const frames = side.answer.frames.length;
        count.textContent = frames > 1 ? fill(words().mean, { count: shown, mean: (all / frames).toFixed(1) }) : shown;
        output.textContent = Number(side.scores[query]).toFixed(2);
        plot.replaceChildren(histogram(side, reading));
      };
      slider.addEventListener("input", () => { side.scores[query] = Number(slider.value); update(); changed(); });
      update();
      if (first.change && state.text.trim() === query) row.append(button(words().keep, () => { first.change(query, side.scores[query]); dialog?.close(); }, "ovd-main"));
      if (first.add) row.append(button(words().add, () => { first.add(query, side.scores[query]); dialog?.close(); }, "ovd-main"));
      return row;
    }
    function pager(side) {
      const frames = side.answer.frames;
      if (frames.length < 2) return [];
      const step = (by, sign, label) => button(sign, () => { state.frame = (state.frame + by + frames.length) % frames.length; draw(); }, "ovd-plain", { "aria-label": label });
      const row = make("div", "ovd-try-pager");
      row.append(step(-1, "\u2039", words().before), make("span", "", `${state.frame + 1} / ${frames.length}`), step(1, "\u203a", words().after));
      return [row];
    }
    function drawSide(side) {
      const part = make("section", "ovd-try-side");
      part.append(...choose(side));
      if (!side.answer) return part;
      const canvas = make("canvas", "", undefined, { role: "img", "aria-label": words().image });
      const image = new Image();
      image.onload = () => paint(side, canvas, image);
      image.src = side.answer.frames[state.frame].image;
      const list = make("ul", "ovd-try-rows");
      for (const reading of side.answer.queries) list.append(queryRow(side, reading, () => { if (image.complete) paint(side, canvas, image); }));
      part.append(canvas, ...pager(side), list);
      return part;
    }
    function draw() {
      const focused = document.activeElement?.id;
      const asked = make("div", "ovd-try-form");
      asked.append(...form());
      const sides = make("div", "ovd-try-sides", undefined, { "data-sides": state.sides.length });
      sides.append(...state.sides.map(drawSide));
      root.replaceChildren(asked, sides);
      if (focused) root.querySelector("#" + CSS.escape(focused))?.focus();
    }
    draw();
    if (first.text) show();
    return { draw };
  }

  // The window in which a query is tried before it is counted.
  function open(first) {
    if (!dialog) {
      dialog = make("dialog", "ovd-window", undefined, { "aria-labelledby": "ovd-try-title" });
      document.querySelector(".gradio-container .contain").append(dialog);
    }
    const head = make("div", "ovd-title");
    head.append(make("h2", "", told.words.preview, { id: "ovd-try-title" }), button("×", () => dialog.close(), "ovd-remove", { "aria-label": told.words.close }));
    const body = make("div", "ovd-window-body ovd-try");
    dialog.replaceChildren(head, body);
    dialog.showModal();
    begin(body, first);
  }
  ovdLive.on("try_words", (value) => { told = value; });
  return { begin, open };
})();
let view = null;
ovdLive.on("try_words", (value) => {
  const title = document.createElement("div");
  title.className = "ovd-title";
  title.append(Object.assign(document.createElement("h2"), { textContent: value.words.title }), Object.assign(document.createElement("p"), { textContent: value.words.hint }));
  const key = JSON.stringify([value.words.title, value.cameras]);
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  const root = Object.assign(document.createElement("div"), { className: "ovd-try" });
  element.replaceChildren(title, root);
  view = window.ovdTry.begin(root);
});
