// Events: 'remove_query', 'restore_query', 'move_query', 'copy_query', 'replace_query', 'change_threshold', 'read_again'. The attribute follows the slider so that an answer of the server
// that differs from what was dragged is seen as a change and shown.
element.addEventListener("click", (event) => {
  const teach = event.target.closest("[data-teach]");
  if (teach) ovdTeach.open(teach.dataset.teach, () => trigger("read_again", { value: teach.dataset.value }));
  const tried = event.target.closest("[data-preview]");
  if (tried) ovdTry.open({ text: tried.dataset.preview, scores: { [tried.dataset.preview]: Number(tried.dataset.minScore) }, camera: ovdCamera(), change: change });
  const button = event.target.closest("[data-event]");
  if (!button) return;
  if (button.dataset.event === "remove_query") offerUndo(button);
  trigger(button.dataset.event, { value: button.dataset.value, instead: button.dataset.instead });
});
// The camera that is shown, and a threshold that was found by trying.
const ovdCamera = () => new URL(window.location.href).searchParams.get("camera") ?? "";
const change = (query, min_score) => trigger("change_threshold", { value: query, min_score });
// What was removed can be had back for a while, where it was and as it was.
const UNDO_MS = 10000;
let undo = null;
function offerUndo(button) {
  undo?.remove();
  const rows = [...element.querySelectorAll(".ovd-query")];
  const place = rows.indexOf(button.closest(".ovd-query"));
  const removed = { value: button.dataset.value, min_score: Number(button.dataset.minScore), place };
  const bar = (undo = document.createElement("div"));
  bar.className = "ovd-undo";
  bar.setAttribute("role", "status");
  const words = Object.assign(document.createElement("span"), { textContent: button.dataset.removed });
  const again = Object.assign(document.createElement("button"), { type: "button", className: "ovd-chip", textContent: button.dataset.undo });
  again.onclick = () => { bar.remove(); trigger("restore_query", removed); };
  bar.append(words, again);
  element.after(bar);
  setTimeout(() => bar.remove(), UNDO_MS);
}
// One row's options are open at a time, and Escape closes them.
element.addEventListener("toggle", (event) => {
  if (!event.target.open) return;
  for (const other of element.querySelectorAll("details[open]")) if (other !== event.target) other.open = false;
}, true);
element.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && event.target.closest("details[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
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
  for (const cell of element.querySelectorAll("[data-today-of]")) {
    const html = newest.today?.[cell.dataset.todayOf] || "";
    if (cell.innerHTML !== html) cell.innerHTML = html;
  }
}
ovdLive.on("counts", (counts) => { newest = counts; showCounts(); });
ovdLive.morph("queries", element, undefined, showCounts);
