// The window in which a name is taught: boxes on frames of cameras or on uploads, then look-alikes
// to be confirmed or refused. It asks the REST API; images stay in the browser until they are sent.
window.ovdTeach = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const LEAST_PX = 10; // on the screen; less is a tap
  const FRAMES = 4; // of each camera, in which look-alikes are searched
  const FRAME_MS = 700;
  let words = {};
  let cameras = [];
  let dialog = null;
  let state = null;

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  function make(tag, className, text, attributes = {}) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }
  function button(text, act, className = "ovd-chip", attributes = {}) {
    const made = make("button", className, text, { type: "button", ...attributes });
    made.addEventListener("click", act);
    return made;
  }

  async function ask(path, options) {
    let answer;
    try {
      answer = await fetch("api/v1/" + path, options);
    } catch {
      throw new Error(words.failed);
    }
    if (answer.ok) return answer;
    const body = await answer.json().catch(() => null);
    const error = new Error(body?.error?.message ?? words.failed);
    error.code = body?.error?.code ?? "";
    throw error;
  }
  async function addImage(blob, source) {
    const url = URL.createObjectURL(blob);
    const shown = new Image();
    shown.src = url;
    await shown.decode();
    return { blob, source, url, width: shown.naturalWidth, height: shown.naturalHeight, boxes: [] };
  }
  async function takeFrame(camera) {
    const answer = await ask(`cameras/${encodeURIComponent(camera)}/frame.jpg?plain=true`);
    return addImage(await answer.blob(), `${camera} ${answer.headers.get("X-Captured-At") ?? ""}`);
  }

  // While something runs, the buttons of the window wait.
  async function run(work, message = "") {
    if (state.busy) return;
    Object.assign(state, { busy: true, message, bad: false });
    draw();
    const begun = state;
    try {
      await work();
    } catch (error) {
      Object.assign(begun, { message: error.message, bad: true });
      begun.mayForce = ["known_name", "not_learned_from_examples"].includes(error.code);
    }
    begun.busy = false;
    if (begun === state) draw();
  }

  function form(images, boxes) {
    const body = new FormData();
    images.forEach((image) => body.append("image", image.blob, image.source));
    if (boxes) body.append("boxes", JSON.stringify(boxes));
    return body;
  }
  async function send(images, boxes, more) {
    const body = form(images, boxes);
    body.append("name", state.name);
    body.append("more", more);
    body.append("anyway", state.force);
    const answer = await ask("taught", { method: "POST", body });
    state.taught = await answer.json();
    state.message = fill(words.learned, state.taught);
  }
  function teach() {
    const images = state.images.filter((image) => image.boxes.length);
    const boxes = images.flatMap((image, at) =>
      image.boxes.map(({ box, kind }) => ({ image: at, box, kind })));
    run(async () => {
      await send(images, boxes, false);
      state.alike = null;
    }, words.working);
  }
  function findAlike() {
    run(async () => {
      const frames = [];
      for (let round = 0; round < FRAMES; round++) {
        for (const camera of cameras) {
          if (frames.length < 16) frames.push(await takeFrame(camera));
        }
        if (cameras.length && round < FRAMES - 1) await new Promise((done) => setTimeout(done, FRAME_MS));
      }
      frames.push(...state.images.slice(0, 20 - frames.length));
      const path = `taught/${encodeURIComponent(state.taught.name)}/lookalikes`;
      const answer = await ask(path, { method: "POST", body: form(frames) });
      const items = (await answer.json()).items;
      state.alike = items.map((item) => ({ ...item, frame: frames[item.image], kind: "" }));
      if (!items.length) state.message = words.none_found;
    }, words.working);
  }
  function teachOn() {
    const answered = state.alike.filter((item) => item.kind);
    const images = [...new Set(answered.map((item) => item.frame))];
    const boxes = answered.map(({ frame, box, kind }) => ({
      image: images.indexOf(frame), box: [box.xmin, box.ymin, box.xmax, box.ymax], kind,
    }));
    run(async () => {
      await send(images, boxes, true);
      state.alike = null;
    }, words.working);
  }

  // The image with its boxes, in pixels of the image.
  function drawStage(image) {
    const stage = make("div", "ovd-teach-stage");
    const shown = make("img", "", undefined, { src: image.url, alt: "", draggable: "false" });
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${image.width} ${image.height}`);
    svg.setAttribute("data-testid", "teach-canvas");
    const rects = image.boxes.map((box) => addRect(svg, box));
    let begun = null;
    const place = (event) => {
      const area = svg.getBoundingClientRect();
      const part = (value, most) => Math.min(Math.max(value, 0), 1) * most;
      return [part((event.clientX - area.left) / area.width, image.width),
        part((event.clientY - area.top) / area.height, image.height)];
    };
    svg.addEventListener("pointerdown", (event) => {
      if (state.busy || begun || event.button) return;
      event.preventDefault();
      svg.setPointerCapture(event.pointerId);
      const box = { kind: state.kind, box: [...place(event), ...place(event)] };
      const hit = rects.indexOf(event.target);
      begun = { id: event.pointerId, from: place(event), at: [event.clientX, event.clientY], hit, box, rect: addRect(svg, box) };
    });
    svg.addEventListener("pointermove", (event) => {
      if (begun?.id !== event.pointerId) return;
      const [x, y] = place(event);
      const [x0, y0] = begun.from;
      begun.box.box = [Math.min(x, x0), Math.min(y, y0), Math.max(x, x0), Math.max(y, y0)];
      setRect(begun.rect, begun.box.box);
    });
    const end = (event) => {
      if (begun?.id !== event.pointerId) return;
      const { at, hit, box } = begun;
      begun = null;
      const moved = Math.min(Math.abs(event.clientX - at[0]), Math.abs(event.clientY - at[1]));
      if (event.type === "pointerup" && moved >= LEAST_PX) {
        box.box = box.box.map((side) => Math.round(side * 10) / 10);
        image.boxes.push(box);
      } else if (event.type === "pointerup" && hit >= 0) image.boxes.splice(hit, 1);
      draw();
    };
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", end);
    stage.append(shown, svg);
    return stage;
  }
  function addRect(svg, { box, kind }) {
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("class", kind);
    setRect(rect, box);
    svg.append(rect);
    return rect;
  }
  function setRect(rect, [x0, y0, x1, y1]) {
    const sides = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
    for (const [name, value] of Object.entries(sides)) rect.setAttribute(name, value);
  }

  function drawSources() {
    const row = make("div", "ovd-chips");
    for (const camera of cameras) {
      row.append(button(fill(words.frame_of, { camera }), () => run(async () => {
        state.images.push(await takeFrame(camera));
        state.at = state.images.length - 1;
      })));
    }
    const chooser = make("input", "", undefined, { type: "file", accept: "image/*", multiple: "", hidden: "" });
    chooser.addEventListener("change", () => run(async () => {
      for (const file of chooser.files) state.images.push(await addImage(file, file.name));
      state.at = state.images.length - 1;
    }));
    row.append(button(words.upload, () => chooser.click()), chooser);
    return row;
  }
  function drawStrip() {
    const strip = make("div", "ovd-teach-strip");
    state.images.forEach((image, at) => {
      const cell = make("span", at === state.at ? "chosen" : "");
      const values = { number: at + 1, count: image.boxes.length };
      const pick = button("", () => { state.at = at; draw(); }, "", { "aria-label": fill(words.image, values), "aria-pressed": at === state.at });
      pick.append(make("img", "", undefined, { src: image.url, alt: "" }), make("b", "", image.boxes.length));
      const remove = button("×", () => {
        state.images.splice(at, 1);
        state.at = Math.max(0, Math.min(state.at, state.images.length - 1));
        draw();
      }, "ovd-remove", { "aria-label": fill(words.remove_image, values) });
      cell.append(pick, remove);
      strip.append(cell);
    });
    return strip;
  }
  function drawKinds() {
    const row = make("div", "ovd-teach-kinds");
    const kinds = make("div", "ovd-segments");
    for (const [kind, text] of [["shown", words.draw_object], ["refused", words.draw_other]]) {
      kinds.append(button(text, () => { state.kind = kind; draw(); }, kind, { "aria-pressed": state.kind === kind }));
    }
    row.append(kinds, make("small", "", words.draw_hint));
    return row;
  }
  function drawLesson() {
    const parts = [make("p", "ovd-note", words.intro), drawSources()];
    const image = state.images[state.at];
    if (!image) return [...parts, make("div", "ovd-empty", words.no_image)];
    return [...parts, drawStrip(), drawKinds(), drawStage(image)];
  }
  function drawResult() {
    const { estimate } = state.taught;
    const share = `${Math.round((100 * estimate.false_images) / Math.max(estimate.images, 1))} %`;
    const sentences = [estimate.tried ? fill(words.found, estimate) : "", fill(words.false_images, { share })];
    const parts = [make("p", "", sentences.filter(Boolean).join(" "))];
    if (!state.alike) return [...parts, make("p", "ovd-note", words.find_hint)];
    const grid = make("div", "ovd-teach-alike");
    for (const item of state.alike) grid.append(drawAlike(item));
    return [...parts, grid];
  }
  function drawAlike(item) {
    const { frame, box } = item;
    const [width, height] = [box.xmax - box.xmin, box.ymax - box.ymin];
    const side = Math.max(width, height) * 1.3;
    const svg = document.createElementNS(SVG, "svg");
    const [x, y] = [(box.xmin + box.xmax - side) / 2, (box.ymin + box.ymax - side) / 2];
    svg.setAttribute("viewBox", `${x} ${y} ${side} ${side}`);
    const picture = document.createElementNS(SVG, "image");
    for (const [name, value] of Object.entries({ href: frame.url, width: frame.width, height: frame.height })) picture.setAttribute(name, value);
    svg.append(picture);
    addRect(svg, { box: [box.xmin, box.ymin, box.xmax, box.ymax], kind: item.kind || "asked" });
    const cell = make("figure", item.kind);
    const answers = make("div", "");
    for (const [kind, mark, text] of [["confirmed", "✓", words.is_it], ["refused", "✗", words.is_not]]) {
      answers.append(button(mark, () => { item.kind = item.kind === kind ? "" : kind; draw(); }, kind, { title: text, "aria-label": text, "aria-pressed": item.kind === kind }));
    }
    cell.append(svg, answers);
    return cell;
  }
  function drawActions() {
    const row = make("div", "ovd-teach-actions");
    const status = make("span", state.bad ? "bad" : "", state.message, { role: "status" });
    row.append(status);
    if (state.mayForce) {
      const label = make("label", "", words.anyway);
      const box = make("input", "", undefined, { type: "checkbox" });
      box.checked = state.force;
      box.addEventListener("change", () => { state.force = box.checked; });
      label.prepend(box);
      row.append(label);
    }
    const main = "ovd-teach-main";
    const count = state.images.reduce((sum, image) => sum + image.boxes.length, 0);
    if (!state.taught) {
      const images = state.images.filter((image) => image.boxes.length).length;
      if (!state.message && count) status.textContent = fill(words.boxes, { count, images });
      const shown = state.images.some((image) => image.boxes.some((box) => box.kind === "shown"));
      row.append(lockable(button(words.teach, teach, main), !shown || !state.name.trim()));
      return row;
    }
    const answers = (state.alike ?? []).filter((item) => item.kind).length;
    row.append(button(words.more, () => { state.taught = state.alike = null; state.message = ""; draw(); }));
    if (answers) row.append(button(fill(words.teach_on, { count: answers }), teachOn, main));
    else row.append(button(words.find, findAlike));
    row.append(button(words.use, () => { const { done } = state; close(); done(); }, answers ? "ovd-chip" : main));
    return row;
  }
  function lockable(made, locked) {
    made.disabled = locked;
    return made;
  }

  function draw() {
    const head = make("div", "ovd-title");
    head.append(make("h2", "", words.title, { id: "ovd-teach-title" }), button("×", close, "ovd-remove", { "aria-label": words.close }));
    const field = make("label", "ovd-teach-name", words.name);
    const input = make("input", "", undefined, { value: state.name, maxlength: "60" });
    input.disabled = Boolean(state.taught);
    input.addEventListener("input", () => { state.name = input.value; });
    input.addEventListener("change", draw);
    field.append(input);
    const body = make("div", "ovd-teach-body");
    body.append(field, ...(state.taught ? drawResult() : drawLesson()));
    const focused = [...dialog.querySelectorAll("button")].indexOf(document.activeElement);
    const scrolled = dialog.querySelector(".ovd-teach-body")?.scrollTop ?? 0;
    dialog.replaceChildren(head, body, drawActions());
    body.scrollTop = scrolled;
    dialog.querySelectorAll("button").forEach((each, at) => {
      if (state.busy && !each.classList.contains("ovd-remove")) each.disabled = true;
      if (at === focused) each.focus({ preventScroll: true });
    });
    dialog.toggleAttribute("data-busy", state.busy);
  }
  function open(name, done) {
    if (!dialog) {
      dialog = make("dialog", "ovd-teach", undefined, { "aria-labelledby": "ovd-teach-title" });
      document.querySelector(".gradio-container").append(dialog);
      dialog.addEventListener("close", forget);
    }
    state = { name, done, images: [], at: 0, kind: "shown", taught: null, alike: null, busy: false, message: "", bad: false, mayForce: false, force: false };
    draw();
    dialog.showModal();
  }
  function close() { dialog.close(); }
  function forget() {
    for (const image of state?.images ?? []) URL.revokeObjectURL(image.url);
    dialog.replaceChildren();
  }

  ovdLive.on("teaching", (told) => ({ words, cameras } = told));
  return { open };
})();
