// Events: 'browse'. What can be typed, by topic, and lists of queries for usual places; asked for when it is opened.
const details = Object.assign(document.createElement("details"), { className: "ovd-catalogue" });
const listed = () => [...document.querySelectorAll(".ovd-query-card .ovd-query")].map((row) => row.dataset.query.toLowerCase());

function make(name, text, className = "") {
  return Object.assign(document.createElement(name), { textContent: text, className });
}
function drawIcon([path, tint]) {
  const svg = ovdDom.makeSvg("svg", "ovd-icon", { viewBox: "0 0 24 24", "aria-hidden": "true" });
  if (tint) svg.style.color = tint;
  svg.append(ovdDom.makeSvg("path", "", { d: path }));
  return svg;
}
function chip(text, queries, icon = null) {
  const button = make("button", text, "ovd-chip");
  button.type = "button";
  if (icon) button.prepend(drawIcon(icon));
  button.addEventListener("click", () => {
    const known = listed();
    for (const query of queries) if (!known.includes(query.toLowerCase())) ovdAdd(query);
  });
  return button;
}
function group(title, chips) {
  const section = document.createElement("section");
  const row = make("div", "", "ovd-chips");
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", title);
  row.append(...chips);
  section.append(make("h3", title), row);
  return section;
}
function draw() {
  const summary = make("summary", props.title || "");
  const presets = (props.presets || []).map((preset) => {
    const button = chip(preset.title, preset.queries);
    button.title = preset.queries.join(", ");
    return button;
  });
  const topics = (props.topics || []).map((topic) => group(topic.title, topic.queries.map((query, index) => chip(query, [query], topic.icons?.[index]))));
  details.replaceChildren(summary, ...(presets.length ? [group(props.places || "", presets)] : []), ...topics);
  if (details.open && !topics.length) trigger("browse", {});
}
details.addEventListener("toggle", () => { if (details.open && !(props.topics || []).length) trigger("browse", {}); });
element.replaceChildren(details);
watch(["title", "places", "topics", "presets"], draw);
draw();
