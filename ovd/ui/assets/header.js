// Events: 'pick_camera', 'choose_wall', 'open_form', 'choose_language', 'choose_view'. The theme is the browser's own business.
const stored = localStorage.getItem("ovd-theme");
if (stored) document.body.classList.toggle("dark", stored === "dark");

element.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) {
    const dark = document.body.classList.toggle("dark");
    localStorage.setItem("ovd-theme", dark ? "dark" : "light");
    return;
  }
  const button = event.target.closest("[data-event]");
  if (!button) return;
  const what = button.dataset.event === "choose_language" ? "language" : "place";
  trigger(button.dataset.event, { value: button.dataset.value || "", ...ovdLive.click(what) });
});
// The chosen camera is in sight, however many there are.
ovdLive.on("header", () => requestAnimationFrame(() => {
  const chosen = element.querySelector('.ovd-camera-strip [aria-pressed="true"]');
  const strip = chosen?.parentElement;
  if (!strip || strip.dataset.chosen === chosen.dataset.value) return;
  strip.dataset.chosen = chosen.dataset.value;
  strip.scrollLeft = chosen.offsetLeft - strip.offsetLeft - (strip.clientWidth - chosen.clientWidth) / 2;
}));
watch("tab", () => { if (props.tab) ovdLive.begin(props.tab); });
