// Event: 'show_live'. The list of cameras: its stills are fetched anew while it is shown.
const STILL_MS = 4000;
const STILL_PX = 480;
const isShown = () => document.documentElement.classList.contains("ovd-view-cameras") && !document.hidden;
const pathOf = (name, rest) => `cameras/${encodeURIComponent(name)}${rest}`;

async function refresh(image) {
  const name = image.dataset.still;
  image.dataset.asked = "true";
  try {
    const answer = await ovdDom.ask(pathOf(name, `/frame.jpg?plain=true&longest=${STILL_PX}`));
    const url = URL.createObjectURL(await answer.blob());
    const before = image.src;
    if (image.dataset.still === name && image.isConnected) image.src = url;
    else URL.revokeObjectURL(url);
    if (before.startsWith("blob:")) URL.revokeObjectURL(before);
  } catch { /* the card says what is wrong */ }
}
function refreshAll(onlyNew) {
  if (!isShown()) return;
  for (const image of element.querySelectorAll("img[data-still]")) {
    if (!onlyNew || image.dataset.asked !== "true") refresh(image);
  }
}
setInterval(() => refreshAll(false), STILL_MS);

async function act(name, what, button) {
  if (what === "show") trigger("show_live", { value: name, ...ovdLive.click("place") });
  else if (what === "edit") ovdCameras.edit(name);
  else {
    button.disabled = true;
    await ovdCameras.run(() => ovdDom.ask(pathOf(name, "/" + what), { method: "POST" }));
    button.disabled = false;
  }
}
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-camera-act]");
  if (!button) return;
  const name = button.closest("[data-camera]")?.dataset.camera;
  if (name !== undefined) act(name, button.dataset.cameraAct, button);
  else ovdCameras[button.dataset.cameraAct]();
});
ovdLive.morph("cameras", element, undefined, () => refreshAll(true));
ovdLive.on("view", () => refreshAll(true));
