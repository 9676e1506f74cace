// The place of the live image of one camera; `live_canvas.js` draws into it.
ovdLive.on("image", (drawn) => {
  ovdLive.draw(element, drawn);
  ovdImages.watch();
});
