// Events: 'pick_camera', 'open_form', 'choose_language', 'choose_view'. The theme is the browser's own business.
const stored = localStorage.getItem("ovd-theme");
if (stored) document.body.classList.toggle("dark", stored === "dark");

element.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) {
    const dark = document.body.classList.toggle("dark");
    localStorage.setItem("ovd-theme", dark ? "dark" : "light");
    return;
  }
  const button = event.target.closest("[data-event]");
  if (button) trigger(button.dataset.event, { value: button.dataset.value || "" });
});
watch("tab", () => { if (props.tab) ovdLive.begin(props.tab); });
