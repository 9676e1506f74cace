// Shows the values under the pointer of a chart, and lets a range be dragged where it is wanted.
// Values arrive as text and are set as text.
window.ovdPlot = (element, onRange) => {
  let pointerX = null;
  let draggedFrom = null;
  let points = { times: [], series: [] };

  function plotOf(event) { return event.target.closest?.(".ovd-chart-plot"); }
  function indexAt(plot, x) {
    const box = plot.getBoundingClientRect();
    const share = Math.min(Math.max((x - box.left) / box.width, 0), 0.9999);
    return Math.floor(share * points.times.length);
  }
  function show() {
    const plot = element.querySelector(".ovd-chart-plot");
    if (!plot) return;
    const { times, series } = points;
    plot.classList.toggle("hovered", pointerX !== null && times.length > 0);
    plot.classList.toggle("dragged", draggedFrom !== null);
    if (pointerX === null || !times.length) return;
    const width = plot.getBoundingClientRect().width;
    const index = indexAt(plot, pointerX);
    const time = document.createElement("b");
    time.textContent = times[index];
    const rows = series.map(([query, colour, values]) => {
      const row = document.createElement("span");
      const swatch = document.createElement("i");
      swatch.style.background = colour;
      row.append(swatch, `${query}  ${values[index] ?? "–"}`);
      return row;
    });
    const tip = plot.querySelector(".ovd-tip");
    tip.replaceChildren(time, ...rows);
    const left = ((index + 0.5) / times.length) * width;
    const cursor = plot.querySelector(".ovd-cursor");
    const from = draggedFrom === null ? left : ((draggedFrom + 0.5) / times.length) * width;
    cursor.style.left = `${Math.min(left, from)}px`;
    cursor.style.width = draggedFrom === null ? "" : `${Math.abs(left - from)}px`;
    tip.style.left = `${Math.min(Math.max(left, 70), width - 70)}px`;
  }

  element.addEventListener("pointerdown", (event) => {
    const plot = plotOf(event);
    if (!onRange || !plot || !points.times.length) return;
    draggedFrom = indexAt(plot, event.clientX);
    event.preventDefault();
  });
  element.addEventListener("pointermove", (event) => {
    pointerX = draggedFrom !== null || plotOf(event) ? event.clientX : null;
    show();
  });
  element.addEventListener("pointerup", (event) => {
    const plot = element.querySelector(".ovd-chart-plot");
    if (draggedFrom === null || !plot) return;
    const to = indexAt(plot, event.clientX);
    const [first, last] = [Math.min(draggedFrom, to), Math.max(draggedFrom, to)];
    draggedFrom = null;
    show();
    if (last > first) onRange(points.edges[first], points.edges[last + 1]);
  });
  element.addEventListener("pointerleave", () => { pointerX = draggedFrom = null; show(); });
  return (newer) => { points = { times: [], series: [], ...newer }; show(); };
};
