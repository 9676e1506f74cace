// Events: 'choose_history', 'refresh_history', 'show_evidence', 'hide_evidence'.
const REFRESH_MS = 60000;
let shown = -1;

function choose(change) {
  trigger("choose_history", { value: JSON.stringify(change), ...ovdLive.click("history " + Object.keys(change)) });
}
const setPoints = ovdPlot(element, (start, end) => choose({ start, end }));

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-choose]");
  if (button) choose({ [button.dataset.choose]: button.dataset.value });
  const other = event.target.closest("[data-event]");
  if (other) trigger(other.dataset.event, { value: other.dataset.value || "", ...ovdLive.click("evidence") });
});
element.addEventListener("change", (event) => {
  const select = event.target.closest("select[data-choose]");
  if (select) choose({ [select.dataset.choose]: select.value });
});
element.addEventListener("submit", (event) => {
  event.preventDefault();
  const value = (name) => element.querySelector(`[data-time="${name}"]`).value;
  choose({ start: value("start"), end: value("end") });
});
watch("drawn", () => {
  const drawn = props.drawn;
  if (!drawn || drawn.number < shown) return; // a later choice was answered first
  shown = drawn.number;
  ovdLive.draw(element, drawn.html);
  setPoints(drawn.points);
});
setInterval(() => {
  const isShown = document.documentElement.classList.contains("ovd-view-history");
  if (isShown && !document.hidden && !element.querySelector(".dragged")) trigger("refresh_history", {});
}, REFRESH_MS);
