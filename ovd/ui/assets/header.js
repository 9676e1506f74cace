// Events: 'pick_camera', 'open_form', 'choose_language'. The theme is the browser's own business.
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

// The address names what is looked at, so that a reload comes back to it; and when the server was
// restarted, which wipes out the session, the page reloads.
let begun = false;
watch("value", () => {
  const header = element.querySelector("header");
  if (!header) return;
  if (header.dataset.begun !== "true") {
    if (begun) window.location.reload();
    return;
  }
  begun = true;
  document.documentElement.lang = header.lang;
  const address = new URL(window.location.href);
  address.searchParams.set("lang", header.lang);
  address.searchParams.set("camera", header.dataset.camera);
  if (!header.dataset.camera) address.searchParams.delete("camera");
  if (address.href !== window.location.href) window.history.replaceState(null, "", address);
});

// An old picture must not pass for a live one: without a sign of life from the server it is said.
const SILENCE_MS = 10000;
let heardAt = Date.now();
watch("beat", () => { heardAt = Date.now(); check(); });
function check() {
  const silent = begun && !document.hidden && Date.now() - heardAt > SILENCE_MS;
  document.documentElement.classList.toggle("ovd-unreachable", silent);
  element.querySelector(".ovd-offline")?.classList.toggle("shown", silent);
}
setInterval(check, 1000);
document.addEventListener("visibilitychange", () => { heardAt = Date.now(); check(); });
