// Events: 'remove_query', 'replace_query', 'change_threshold', 'read_again'. The attribute follows the slider so that an answer of the server
// that differs from what was dragged is seen as a change and shown.
element.addEventListener("click", (event) => {
  const teach = event.target.closest("[data-teach]");
  if (teach) ovdTeach.open(teach.dataset.teach, () => trigger("read_again", { value: teach.dataset.value }));
  const button = event.target.closest("[data-event]");
  if (button) trigger(button.dataset.event, { value: button.dataset.value, instead: button.dataset.instead });
});
element.addEventListener("input", (event) => {
  const output = event.target.parentElement.querySelector("output");
  if (output) output.textContent = Number(event.target.value).toFixed(2);
});
element.addEventListener("change", (event) => {
  const slider = event.target;
  if (slider.type !== "range") return;
  slider.setAttribute("value", Number(slider.value).toFixed(2));
  trigger("change_threshold", { value: slider.dataset.value, min_score: Number(slider.value) });
});

// Counts come apart from the list, so that a new one touches nothing else.
let newest = { counts: [], live: false };
function showCounts() {
  const cells = new Map(newest.counts.map(([query, count, unit]) => [query, [count, unit]]));
  for (const cell of element.querySelectorAll("[data-count-of]")) {
    const [count, unit] = cells.get(cell.dataset.countOf) || ["", ""];
    cell.querySelector("b").textContent = count;
    cell.querySelector("small").textContent = unit;
    cell.classList.toggle("old", !newest.live);
  }
}
ovdLive.on("counts", (counts) => { newest = counts; showCounts(); });
ovdLive.morph("queries", element, undefined, showCounts);
