() => {
  const wishes = new URLSearchParams(window.location.search);
  return [JSON.stringify({
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "",
    language: wishes.get("lang") || "",
    camera: wishes.get("camera") || "",
    view: wishes.get("view") || "",
    wall: wishes.get("wall") || "",
  })];
}
