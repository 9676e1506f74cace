// Draws live images, and over them boxes and zones, into every `canvas[data-live]` that can be seen. What lies over the
// image is drawn here, so that it is sharp in any size and can be switched off for this window alone.
window.ovdImages = (() => {
  const KINDS = ["boxes", "ids", "zones"];
  const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
  const LONGEST_CANVAS = 1920;
  const SMALL_PX = 560;
  const shown = Object.assign({ boxes: true, ids: true, zones: true }, stored());
  let names = {}; // what queries are called in the language of the page, where that is not their text
  const newest = new Map(); // camera -> { header, bitmap, at }
  let send = null;
  let asked = "";
  let isStreaming = false;

  function stored() {
    try { return JSON.parse(localStorage.getItem("ovd-show")) || {}; } catch { return {}; }
  }
  function canvases() {
    return [...document.querySelectorAll("canvas[data-live]")].filter((canvas) => canvas.offsetParent !== null);
  }
  const pixels = () => Math.min(window.devicePixelRatio || 1, 2);

  // The server sends the cameras that can be seen, in the size in which they are.
  function watch() {
    if (isStreaming) return stream();
    if (!send) return;
    const wanted = new Map();
    for (const canvas of canvases()) {
      const width = Math.round(canvas.clientWidth * pixels());
      if (canvas.dataset.live) wanted.set(canvas.dataset.live, Math.max(width, wanted.get(canvas.dataset.live) || 0));
    }
    const text = JSON.stringify({ watch: [...wanted] });
    if (text === asked) return;
    asked = text;
    send(text);
    for (const camera of wanted.keys()) draw(camera);
  }
  function connected(how) {
    send = how;
    asked = "";
    watch();
  }
  async function take(data) {
    const length = new DataView(data).getUint32(0);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(data, 4 + length)], { type: "image/jpeg" }));
    newest.get(header.camera)?.bitmap.close();
    newest.set(header.camera, { header, bitmap, at: Date.now() - header.age_s * 1000 });
    draw(header.camera);
  }
  // Without a web socket the first image is a stream, with what lies over it drawn by the server.
  function stream() {
    isStreaming = true;
    for (const canvas of canvases().slice(0, 1)) {
      let image = canvas.parentElement.querySelector("img.ovd-streamed");
      if (!image) canvas.after((image = Object.assign(document.createElement("img"), { className: "ovd-streamed", alt: "" })));
      const path = "stream/" + encodeURIComponent(canvas.dataset.live) + "?run=" + canvas.dataset.run;
      if (image.getAttribute("src") !== path) image.src = path;
    }
  }

  function draw(camera) {
    const frame = newest.get(camera);
    if (!frame) return;
    for (const canvas of canvases()) {
      if (canvas.dataset.live !== camera) continue;
      const ratio = frame.bitmap.height / frame.bitmap.width;
      const wide = Math.max(frame.bitmap.width, Math.min(canvas.clientWidth * pixels(), LONGEST_CANVAS));
      const [width, height] = [Math.round(wide), Math.round(wide * ratio)];
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      // An object-fit of `contain` leaves bars: lines are as thick as the image is drawn.
      const scale = Math.max(width / Math.max(canvas.clientWidth, 1), height / Math.max(canvas.clientHeight, 1));
      paint(canvas.getContext("2d"), frame, width, height, scale);
      canvas.dataset.drawn = frame.header.at;
    }
  }
  function paint(context, { header, bitmap }, width, height, scale) {
    context.drawImage(bitmap, 0, 0, width, height);
    if (shown.boxes) for (const box of header.boxes) paintBox(context, header, box, width, height, scale);
    if (shown.zones) for (const zone of header.zones) paintZone(context, zone, width, height, scale);
  }
  // An object that answers to several queries has a line of each colour, one inside the other.
  function paintBox(context, header, { at, of }, width, height, scale) {
    const line = 2 * scale;
    const [x0, y0, x1, y1] = [at[0] * width, at[1] * height, at[2] * width, at[3] * height];
    of.forEach(([query, , confirmed], index) => {
      const inset = index * line * 1.5;
      context.lineWidth = line;
      context.globalAlpha = confirmed ? 1 : 0.6;
      context.strokeStyle = header.colours[query];
      context.setLineDash(DASHES[query % DASHES.length].map((dash) => dash * scale));
      context.strokeRect(x0 + inset, y0 + inset, Math.max(x1 - x0 - 2 * inset, 1), Math.max(y1 - y0 - 2 * inset, 1));
    });
    context.globalAlpha = 1;
    context.setLineDash([]);
    if (!shown.ids) return;
    const [query, id] = of[0];
    // Where an image is small its boxes would vanish below their names: colour and pattern tell the query.
    const name = width / scale < SMALL_PX ? "" : of.map(([number]) => names[header.queries[number]] ?? header.queries[number]).join(" + ");
    const text = [name, id === null ? "" : name ? id : "#" + id].filter(Boolean).join(" ");
    if (text) label(context, text, x0, y0, scale, header.colours[query], width);
  }
  function label(context, text, x, y, scale, ground, width) {
    const size = 12 * scale;
    context.font = "600 " + size + "px 'IBM Plex Sans', 'Noto Sans KR', NanumGothic, sans-serif";
    const wide = context.measureText(text).width + 8 * scale;
    const left = Math.max(0, Math.min(x, width - wide));
    const top = Math.max(0, y - size - 5 * scale);
    context.fillStyle = ground;
    context.fillRect(left, top, wide, size + 5 * scale);
    context.fillStyle = isDark(ground) ? "#ffffff" : "#10141a";
    context.textBaseline = "top";
    context.fillText(text, left + 4 * scale, top + 3 * scale);
  }
  function isDark(colour) {
    const [red, green, blue] = [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16) / 255);
    const linear = (share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) < 0.179;
  }
  function paintZone(context, zone, width, height, scale) {
    const points = zone.points.map(([x, y]) => [x * width, y * height]);
    context.beginPath();
    points.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
    if (zone.kind !== "line") context.closePath();
    for (const [colour, line] of [["#10141a", 4], ["#ffd21f", 2]]) {
      context.strokeStyle = colour;
      context.lineWidth = line * scale;
      context.stroke();
    }
    if (zone.kind === "line") paintArrow(context, points, scale);
    const [x, y] = points[0];
    const counts = zone.kind === "line" ? "\u2192 " + zone.in + "  \u2190 " + zone.out : "\u25cf " + zone.inside;
    label(context, zone.name + "  " + counts, x, y, scale, "#10141a", width);
  }
  function paintArrow(context, [[ax, ay], [bx, by]], scale) {
    const length = Math.hypot(bx - ax, by - ay) || 1;
    const [nx, ny] = [-(by - ay) / length, (bx - ax) / length];
    const [mx, my] = [(ax + bx) / 2, (ay + by) / 2];
    const [hx, hy] = [mx + nx * 22 * scale, my + ny * 22 * scale];
    context.beginPath();
    context.moveTo(hx, hy);
    context.lineTo(hx - nx * 9 * scale + ny * 6 * scale, hy - ny * 9 * scale - nx * 6 * scale);
    context.lineTo(hx - nx * 9 * scale - ny * 6 * scale, hy - ny * 9 * scale + nx * 6 * scale);
    context.closePath();
    context.fillStyle = "#ffd21f";
    context.strokeStyle = "#10141a";
    context.lineWidth = scale;
    context.fill();
    context.stroke();
    context.beginPath();
    context.moveTo(mx, my);
    context.lineTo(hx - nx * 8 * scale, hy - ny * 8 * scale);
    context.strokeStyle = "#ffd21f";
    context.lineWidth = 3 * scale;
    context.stroke();
  }

  function toggle(kind) {
    shown[kind] = !shown[kind];
    localStorage.setItem("ovd-show", JSON.stringify(shown));
    mark();
    for (const camera of newest.keys()) draw(camera);
  }
  function mark() {
    for (const button of document.querySelectorAll("[data-show]")) {
      const pressed = String(shown[button.dataset.show]);
      if (button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
    }
  }
  // The image as it is shown, in its own size.
  function snapshot(camera) {
    const frame = newest.get(camera);
    if (!frame) return;
    const { width, height } = frame.bitmap;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    paint(canvas.getContext("2d"), frame, width, height, Math.max(width / 800, 1));
    canvas.toBlob((blob) => {
      const name = camera + " " + frame.header.at.slice(0, 19).replaceAll(":", "-") + ".jpg";
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }, "image/jpeg", 0.92);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show], [data-snapshot], [data-fullscreen]");
    if (!button) return;
    if (button.dataset.show) toggle(button.dataset.show);
    if (button.dataset.snapshot) snapshot(button.dataset.snapshot);
    if (button.dataset.fullscreen === undefined) return;
    if (document.fullscreenElement) document.exitFullscreen();
    else (button.closest(button.dataset.fullscreen) || document.querySelector(button.dataset.fullscreen))?.requestFullscreen?.();
  });

  function ages() {
    watch();
    mark();
    for (const cell of document.querySelectorAll("[data-age-of]")) {
      const frame = newest.get(cell.dataset.ageOf);
      const age_s = frame ? Math.max(0, (Date.now() - frame.at) / 1000) : null;
      const text = age_s === null ? "" : cell.dataset.words.replace("{value}", age_s < 10 ? age_s.toFixed(1) : age_s.toFixed(0));
      if (cell.textContent !== text) cell.textContent = text;
    }
  }
  setInterval(ages, 1000);
  ovdLive.on("names", (told) => { names = told; for (const camera of newest.keys()) draw(camera); });
  window.addEventListener("resize", () => { watch(); for (const camera of newest.keys()) draw(camera); });
  document.addEventListener("fullscreenchange", () => setTimeout(watch, 100));

  return { watch, connected, take, stream, KINDS };
})();
