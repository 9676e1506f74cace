// Holds one stream open, and only while the page is visible: a browser allows six connections to
// a server, and hidden tabs must not use them up.
const RETRY_MS = 2000;
let html = "";
let shown = "";

function connect() {
  const image = element.querySelector("img");
  if (!image) { shown = ""; return; }
  const path = "stream/" + encodeURIComponent(image.dataset.camera) + "?run=" + image.dataset.run;
  const wanted = document.hidden ? "" : path;
  if (wanted === shown && (wanted === "" || image.hasAttribute("src"))) return;
  shown = wanted;
  if (wanted) image.src = wanted;
  else image.removeAttribute("src");
  image.onerror = () => { if (shown) { shown = ""; setTimeout(connect, RETRY_MS); } };
}

document.addEventListener("visibilitychange", connect);
ovdLive.on("image", (drawn) => {
  if (drawn === html) return;
  // An image that only got its size keeps its stream.
  const before = element.querySelector("img");
  const template = document.createElement("template");
  template.innerHTML = html = drawn;
  const after = template.content.querySelector("img");
  if (before && after && before.dataset.camera === after.dataset.camera && before.dataset.run === after.dataset.run) {
    before.alt = after.alt;
    before.style.cssText = after.style.cssText;
    return;
  }
  before?.removeAttribute("src");
  element.replaceChildren(template.content);
  shown = "";
  connect();
});
