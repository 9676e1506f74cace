// Shows the counts under the pointer. Values arrive as text and are set as text.
let pointerX = null;
let points = { times: [], series: [] };

function show() {
  const plot = element.querySelector(".ovd-chart-plot");
  if (!plot) return;
  const { times, series } = points;
  plot.classList.toggle("hovered", pointerX !== null && times.length > 0);
  if (pointerX === null || !times.length) return;
  const box = plot.getBoundingClientRect();
  const share = Math.min(Math.max((pointerX - box.left) / box.width, 0), 0.9999);
  const index = Math.floor(share * times.length);
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
  const left = ((index + 0.5) / times.length) * box.width;
  plot.querySelector(".ovd-cursor").style.left = `${left}px`;
  tip.style.left = `${Math.min(Math.max(left, 70), box.width - 70)}px`;
}

element.addEventListener("pointermove", (event) => {
  pointerX = event.target.closest(".ovd-chart-plot") ? event.clientX : null;
  show();
});
element.addEventListener("pointerleave", () => { pointerX = null; show(); });
ovdLive.morph("chart", element, (chart) => chart.html ?? "", (chart) => {
  points = chart.points ?? { times: [], series: [] };
  show();
});
