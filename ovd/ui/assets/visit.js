() => {
  // A browser that speaks another language than English is answered in it.
  const spoken = (navigator.languages || [navigator.language]).map((tag) => tag.slice(0, 2))[0].replace("en", "");
  const wishes = new URLSearchParams(window.location.search);
  return [JSON.stringify({
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "",
    language: wishes.get("lang") || spoken,
    camera: wishes.get("camera") || "",
    view: wishes.get("view") || "",
    wall: wishes.get("wall") || "",
    at: wishes.get("at") || "",
    query: wishes.get("query") || "",
  })];
}
