// A still on which lines and areas are drawn with mouse, finger or keys. Points are fractions of width and height.
// An item has `name`, `shape` (line or polygon), `points`, and what its owner needs; `lookOf` gives its CSS class.
window.ovdAreaCanvas = ({ image, items, words, changed, lookOf = () => "" }) => {
  const { fill, make, makeSvg, button } = ovdDom;
  const TAP_PX = 8; // less is a tap, not a drag
  const HANDLE_PX = 7;
  const TOUCH_PX = 22;
  const STEP = 0.005;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const { width, height } = image;
  const history = [];
  let chosen = -1;
  let drawing = null; // { shape, points, make }
  let held = null; // what the pointer holds
  let boxes = []; // what may be silenced by a click: { box, label, act }
  let focused = null; // index of the point with the focus

  const stage = make("div", "ovd-areas-stage");
  const svg = makeSvg("svg", "", { viewBox: `0 0 ${width} ${height}`, "data-testid": "areas", role: "group", "aria-label": words.canvas });
  stage.append(make("img", "", undefined, { src: image.url, alt: "", draggable: "false" }), svg);
  const clamp = (value) => Math.min(Math.max(value, 0), 1);
  const round = (value) => Math.round(clamp(value) * 10000) / 10000;
  const onScreen = () => width / Math.max(svg.getBoundingClientRect().width, 1); // image pixels to a pixel of the screen
  const at = ([x, y]) => [x * width, y * height];
  function place(event) {
    const area = svg.getBoundingClientRect();
    return [round((event.clientX - area.left) / area.width), round((event.clientY - area.top) / area.height)];
  }
  const distance = (event, point) => {
    const area = svg.getBoundingClientRect();
    return Math.hypot(event.clientX - area.left - point[0] * area.width, event.clientY - area.top - point[1] * area.height);
  };

  // Every change can be undone; what follows the same gesture is one change.
  function remember() { history.push({ items: JSON.stringify(items), chosen }); if (history.length > 100) history.shift(); }
  function restore({ items: before, chosen: index }) { items.splice(0, items.length, ...JSON.parse(before)); chosen = Math.min(index, items.length - 1); }
  function undo() {
    if (drawing) { drawing.points.pop(); if (!drawing.points.length) drawing = null; }
    else if (history.length) restore(history.pop());
    tell();
  }
  function change(act) { remember(); act(); tell(); }
  function tell() { paint(); changed(); }

  function begin(shape, build, byKey, label) {
    chosen = -1;
    drawing = { shape, points: [], build, label };
    if (byKey) { // without a pointer: a first shape in the middle, whose points are then moved by arrows
      drawing.points = shape === "line" ? [[0.3, 0.5], [0.7, 0.5]] : [[0.35, 0.35], [0.65, 0.35], [0.65, 0.65], [0.35, 0.65]];
      finish();
      focused = 0;
      paint();
    } else tell();
  }
  function finish() {
    const { shape, points, build } = drawing;
    drawing = null;
    if (points.length < (shape === "line" ? 2 : 3)) return tell();
    change(() => { items.push({ shape, points, ...build() }); chosen = items.length - 1; });
  }
  function cancel() { drawing = null; tell(); }
  function choose(index) { chosen = index; focused = null; tell(); }
  function remove() { change(() => { items.splice(chosen, 1); chosen = -1; }); }
  function swap() { change(() => items[chosen].points.reverse()); }

  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const target = event.target.dataset ?? {};
    const point = place(event);
    if (drawing) {
      event.preventDefault();
      const { points, shape } = drawing;
      if (shape === "polygon" && points.length >= 3 && distance(event, points[0]) < TOUCH_PX) return finish();
      points.push(point);
      if (shape === "line" && points.length === 2) return finish();
      svg.setPointerCapture(event.pointerId);
      held = { id: event.pointerId, kind: "new", from: [event.clientX, event.clientY] };
    } else if (target.point !== undefined || target.between !== undefined) {
      event.preventDefault();
      remember();
      const index = Number(target.point ?? target.between);
      if (target.between !== undefined) items[chosen].points.splice(index, 0, point);
      svg.setPointerCapture(event.pointerId);
      held = { id: event.pointerId, kind: "point", index };
      focused = index;
    } else if (target.box !== undefined) {
      boxes[Number(target.box)].act();
      return;
    } else if (target.item !== undefined) {
      event.preventDefault();
      chosen = Number(target.item);
      focused = null;
      svg.setPointerCapture(event.pointerId);
      held = { id: event.pointerId, kind: "item", from: point, points: items[chosen].points, moved: false };
    } else {
      chosen = -1;
      return tell();
    }
    paint(); // the tools follow when the pointer is released: moving the still now would lose it
  });
  svg.addEventListener("pointermove", (event) => {
    if (drawing && !held) { drawing.next = place(event); return paint(); }
    if (held?.id !== event.pointerId) return;
    const point = place(event);
    if (held.kind === "new") drawing.next = point;
    else if (held.kind === "point") items[chosen].points[held.index] = point;
    else moveItem(point);
    paint();
  });
  function moveItem(point) {
    const by = [0, 1].map((axis) => {
      const all = held.points.map((each) => each[axis]);
      return Math.min(Math.max(point[axis] - held.from[axis], -Math.min(...all)), 1 - Math.max(...all));
    });
    if (!held.moved && Math.hypot(by[0] * width, by[1] * height) < TAP_PX * onScreen()) return;
    if (!held.moved) remember();
    held.moved = true;
    items[chosen].points = held.points.map(([x, y]) => [round(x + by[0]), round(y + by[1])]);
  }
  function release(event) {
    if (held?.id !== event.pointerId) return;
    const { kind, from } = held;
    held = null;
    if (kind === "new" && drawing && event.type === "pointerup") {
      const moved = Math.hypot(event.clientX - from[0], event.clientY - from[1]) >= TAP_PX;
      if (moved) drawing.points.push(place(event));
      if (moved && drawing.shape === "line") return finish();
    }
    tell();
  }
  svg.addEventListener("pointerup", release);
  svg.addEventListener("pointercancel", release);
  svg.addEventListener("dblclick", () => { if (drawing) { drawing.points.pop(); finish(); } });
  stage.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z") { event.preventDefault(); return undo(); }
    if (drawing && event.key === "Enter") return finish();
    const index = event.target.dataset?.point;
    if (index === undefined || chosen < 0) return;
    const { points, shape } = items[chosen];
    const step = ARROWS[event.key];
    if (step) {
      event.preventDefault();
      const by = STEP * (event.shiftKey ? 10 : 1);
      focused = Number(index);
      change(() => { points[index] = points[index].map((value, axis) => round(value + by * step[axis])); });
    } else if (["Delete", "Backspace"].includes(event.key) && shape === "polygon" && points.length > 3) {
      event.preventDefault();
      focused = 0;
      change(() => points.splice(index, 1));
    }
  });

  // Painting.
  const path = (points, closed) => points.map((point, i) => (i ? "L" : "M") + at(point).join(" ")).join(" ") + (closed ? " Z" : "");
  function paint() {
    const unit = onScreen();
    const hadFocus = svg.contains(document.activeElement) || focused !== null;
    svg.replaceChildren();
    svg.classList.toggle("drawing", Boolean(drawing));
    items.forEach((item, index) => svg.append(paintItem(item, index, unit)));
    boxes.forEach(({ box: [x0, y0, x1, y1], label, act }, index) => {
      const [x, y] = at([x0, y0]);
      const size = { width: (x1 - x0) * width, height: (y1 - y0) * height };
      const rect = makeSvg("rect", "box", { x, y, ...size, "stroke-width": 2 * unit, "data-box": index, tabindex: "0", role: "button", "aria-label": label });
      rect.addEventListener("keydown", (event) => { if (["Enter", " "].includes(event.key)) { event.preventDefault(); act(); } });
      svg.append(rect);
    });
    if (drawing) svg.append(paintDrawing(unit));
    if (chosen >= 0 && items[chosen]) svg.append(paintHandles(items[chosen], unit));
    if (hadFocus && focused !== null) svg.querySelector(`[data-point="${focused}"]`)?.focus({ preventScroll: true });
  }
  function paintItem(item, index, unit) {
    const closed = item.shape === "polygon";
    const group = makeSvg("g", [index === chosen ? "chosen" : "", lookOf(item)].join(" "));
    const d = path(item.points, closed);
    group.append(makeSvg("path", "shape" + (closed ? " closed" : ""), { d, "stroke-width": 3 * unit }));
    if (!closed) group.append(paintArrow(item.points, unit));
    group.append(makeSvg("path", "hit" + (closed ? " closed" : ""), { d, "data-item": index, "stroke-width": TOUCH_PX * unit }));
    const [x, y] = at(item.points[0]);
    const label = makeSvg("text", "", { x: Math.min(x + 8 * unit, width * 0.9), y: Math.max(y - 10 * unit, 16 * unit), "font-size": 14 * unit, "stroke-width": 4 * unit });
    label.textContent = item.name;
    group.append(label);
    return group;
  }
  // Looking from the first point to the second, "in" is to the right as seen in the image.
  function paintArrow(points, unit) {
    const [[x0, y0], [x1, y1]] = points.map(at);
    const length = Math.max(Math.hypot(x1 - x0, y1 - y0), 1);
    const [ax, ay] = [(x1 - x0) / length, (y1 - y0) / length];
    const [nx, ny] = [-ay, ax];
    const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2];
    const to = (along, across) => [mx + (ax * along + nx * across) * unit, my + (ay * along + ny * across) * unit].join(" ");
    const group = makeSvg("g", "arrow");
    group.append(makeSvg("path", "", { d: `M${to(0, 0)} L${to(0, 34)} M${to(-8, 24)} L${to(0, 36)} L${to(8, 24)}`, "stroke-width": 3 * unit }));
    const [tx, ty] = to(0, 50).split(" ").map(Number);
    const text = makeSvg("text", "", { x: tx, y: ty + 5 * unit, "font-size": 13 * unit, "stroke-width": 4 * unit, "text-anchor": "middle" });
    text.textContent = words.inwards;
    group.append(text);
    return group;
  }
  function paintDrawing(unit) {
    const { points, next, shape } = drawing;
    const group = makeSvg("g", "chosen new");
    const all = next && points.length ? [...points, next] : points;
    if (all.length > 1) group.append(makeSvg("path", "shape" + (shape === "polygon" ? " closed" : ""), { d: path(all, shape === "polygon" && all.length > 2), "stroke-width": 3 * unit }));
    for (const point of points) {
      const [cx, cy] = at(point);
      group.append(makeSvg("circle", "handle", { cx, cy, r: HANDLE_PX * unit, "stroke-width": 2 * unit }));
    }
    return group;
  }
  function paintHandles(item, unit) {
    const group = makeSvg("g", "handles");
    const { points } = item;
    if (item.shape === "polygon") {
      points.forEach((point, index) => {
        const next = points[(index + 1) % points.length];
        const [cx, cy] = at([(point[0] + next[0]) / 2, (point[1] + next[1]) / 2]);
        group.append(makeSvg("circle", "between", { cx, cy, r: 5 * unit, "stroke-width": 1.5 * unit }),
          makeSvg("circle", "touch", { cx, cy, r: 14 * unit, "data-between": index + 1 }));
      });
    }
    points.forEach((point, index) => {
      const [cx, cy] = at(point);
      const label = fill(words.point, { number: index + 1, name: item.name, x: Math.round(point[0] * 100), y: Math.round(point[1] * 100) });
      group.append(makeSvg("circle", "handle", { cx, cy, r: HANDLE_PX * unit, "stroke-width": 2 * unit }),
        makeSvg("circle", "touch point", { cx, cy, r: TOUCH_PX * unit, "data-point": index, tabindex: "0", role: "button", "aria-label": label, "stroke-width": 2 * unit }));
    });
    return group;
  }
  new ResizeObserver(paint).observe(stage);
  return {
    stage, offer(found) { boxes = found; tell(); }, get offered() { return boxes.length; }, begin, finish, cancel, choose, remove, swap, undo, change, paint,
    get items() { return items; }, get chosen() { return items[chosen]; }, get index() { return chosen; },
    get drawing() { return drawing; }, get canUndo() { return Boolean(drawing || history.length); },
  };
};
