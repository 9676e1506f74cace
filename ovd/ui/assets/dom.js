// What our windows are built with: elements, buttons, words with values in them, and questions to the REST API.
window.ovdDom = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  function set(made, className, attributes) {
    if (className) made.setAttribute("class", className);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }
  function make(tag, className = "", text = undefined, attributes = {}) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    return set(made, className, attributes);
  }
  const makeSvg = (tag, className = "", attributes = {}) => set(document.createElementNS(SVG, tag), className, attributes);
  function button(text, act, className = "ovd-plain", attributes = {}) {
    const made = make("button", className, text, { type: "button", ...attributes });
    made.addEventListener("click", act);
    return made;
  }
  // Throws an error with the server's message and code; `failed` is said where there is no answer.
  async function ask(path, options = {}, failed = "") {
    const { json, ...more } = options;
    if (json !== undefined) Object.assign(more, { body: JSON.stringify(json), headers: { "Content-Type": "application/json" } });
    let answer;
    try {
      answer = await fetch("api/v1/" + path, more);
    } catch {
      throw new Error(failed);
    }
    if (answer.ok) return answer;
    const body = await answer.json().catch(() => null);
    const error = new Error(body?.error?.message ?? failed);
    error.code = body?.error?.code ?? "";
    throw error;
  }
  return { fill, make, makeSvg, button, ask };
})();
