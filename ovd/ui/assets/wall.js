// Events: 'choose_wall', 'pick_camera'. The wall and each of its tiles are parts of the page that change apart.
const tiles = new Map();
function fill(place) {
  const html = tiles.get(place.dataset.tile);
  if (html !== undefined) ovdLive.draw(place, html);
}
ovdLive.on("wall", (html) => {
  ovdLive.draw(element, html);
  element.querySelectorAll("[data-tile]").forEach(fill);
  ovdImages.watch();
});
ovdLive.onPrefix("tile/", (camera, html) => {
  tiles.set(camera, html);
  for (const place of element.querySelectorAll("[data-tile]")) if (place.dataset.tile === camera) fill(place);
});
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-event]");
  if (button) trigger(button.dataset.event, { value: button.dataset.value || "", ...ovdLive.click("place") });
});
