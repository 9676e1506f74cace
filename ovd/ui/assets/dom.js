// What our windows are built with: elements, buttons, words with values in them, and questions to the REST API.
window.ovdDom = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const fill = (text, values) => settle(text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? ""));
  // A Korean particle takes the form that fits the word before it; `ovd.texts.particles` says how.
  const FORMS = { "은(는)": ["은", "는"], "을(를)": ["을", "를"], "이(가)": ["이", "가"], "과(와)": ["과", "와"], "와(과)": ["과", "와"], "(으)로": ["으로", "로"] };
  const FINALS = { ...Object.fromEntries([..."2459aefiorsuvxyz"].map((key) => [key, 0])), l: 8, m: 16, n: 4, 0: 21, 1: 8, 3: 16, 6: 1, 7: 8, 8: 8 };
  function settle(text) {
    return text.replace(/([^\s”"’')\]])([”"’')\]]*)(은\(는\)|을\(를\)|이\(가\)|과\(와\)|와\(과\)|\(으\)로)/g, (whole, last, close, pair) => {
      const code = last.charCodeAt(0) - 0xac00;
      const final = code >= 0 && code < 11172 ? code % 28 : FINALS[last.toLowerCase()];
      if (final === undefined) return whole;
      const isOpen = final === 0 || (final === 8 && pair === "(으)로");
      return last + close + FORMS[pair][isOpen ? 1 : 0];
    });
  }
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
  // Takes the newest message out of the corner and returns its words, to be shown where the eyes are.
  function takeToast() {
    const messages = document.querySelectorAll(".toast-body");
    const toast = messages[messages.length - 1];
    if (!toast) return "";
    const lines = toast.querySelector(".toast-message-text")?.innerText.split("\n") || [];
    const text = lines.filter((line) => line.trim()).join(": ");
    if (text) toast.style.display = "none";
    return text;
  }
  // The parts of an address that holds a login; null for one without, or with the {NAME} of a secret.
  const LOGIN = /^([a-z]+:\/\/)([^:@/?#{]+)(?::([^@/?#]*))?@(.*)$/i;
  const decode = (part) => { try { return decodeURIComponent(part); } catch { return part; } };
  function splitLogin(address) {
    const found = LOGIN.exec(address.trim());
    return found && { uri: found[1] + found[4], user: decode(found[2]), password: decode(found[3] ?? "") };
  }
  return { fill, make, makeSvg, button, ask, takeToast, splitLogin };
})();
