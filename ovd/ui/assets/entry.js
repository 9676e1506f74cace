// Events: 'enter', 'enter_tried'. The box above, its button, and the offers below it. The box is emptied by the key
// itself: emptied by an answer, even one of the page, it would lose what is typed until then.
const card = element.closest(".ovd-query-card");
const waiting = (window.ovdWaiting ??= []);
const box = () => card.querySelector("#ovd-query input");

function write(text) {
  box().value = text;
  box().dispatchEvent(new Event("input", { bubbles: true }));
}
function send() {
  trigger("enter", { value: waiting[0] });
}
// One is sent when the one before is answered: sent at once, they may overtake each other.
function add(text) {
  waiting.push(text);
  write("");
  show();
  if (waiting.length === 1) send();
}
// What begins to count waits until the list holds what was typed before.
let settle = () => {};
window.ovdTyped = () => waiting.length ? new Promise((resolve) => { settle = resolve; }) : undefined;
// The catalogue adds in the same way.
window.ovdAdd = add;
// What was refused can be mended in the box, unless whoever typed it has gone on to the next.
window.ovdAnswered = (isAdded) => {
  const text = waiting.shift();
  if (waiting.length) send();
  else settle();
  if (!isAdded) tellHere();
  if (!waiting.length && !isAdded && !box().value) write(text);
};
// The reason stands where the eyes are, not in a corner.
const refusal = Object.assign(document.createElement("p"), { className: "ovd-refusal" });
refusal.setAttribute("role", "alert");
element.before(refusal);
function tellHere() {
  requestAnimationFrame(() => { refusal.textContent = ovdDom.takeToast(); });
}
card.addEventListener("input", () => { refusal.textContent = ""; });
// What cannot start yet does not look as if it could.
const marked = new MutationObserver(() => unready());
function unready() {
  const has = document.querySelector(".ovd-query-card .ovd-query") || waiting.length || box()?.value.trim();
  document.documentElement.classList.toggle("ovd-no-query", !has);
}
marked.observe(card, { childList: true, subtree: true });
card.addEventListener("input", unready);
setTimeout(unready, 500);
card.addEventListener("keypress", (event) => {
  if (event.key === "Enter" && event.target === box()) add(box().value);
}, true);
card.addEventListener("click", (event) => {
  if (event.target.closest("#ovd-add")) add(box().value);
  else if (event.target.closest("#ovd-preview")) preview();
}, true);
// What is typed is tried before it is counted, and counted with the threshold that was found.
function preview() {
  const camera = new URL(window.location.href).searchParams.get("camera") ?? "";
  const count = (value, min_score) => { write(""); trigger("enter_tried", { value, min_score }); };
  ovdTry.open({ text: box().value.trim(), camera, add: count });
}

let putAway = null; // what stood in the box when its offers were put away
function show() {
  if (box()?.value !== putAway) putAway = null;
  // An answer to what was typed before may come after the box was emptied: it offers nothing.
  const offers = putAway === null && box()?.value ? props.offers || [] : [];
  const chosen = element.contains(document.activeElement) && document.activeElement.textContent;
  element.replaceChildren();
  if (chosen) box().focus();
  if (!offers.length) return;
  const list = document.createElement("div");
  list.className = "ovd-chips ovd-suggestions";
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", props.name || "");
  for (const offer of offers) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ovd-chip";
    button.textContent = offer;
    list.append(button);
  }
  element.append(list);
  for (const button of list.children) if (button.textContent === chosen) button.focus();
}
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  add(button.textContent);
  if (!event.detail) box().focus(); // by key; after a tap it would raise the screen's keyboard
});
// Arrows walk from the box through the offers and back, Escape puts the offers away.
const STEP = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
card.addEventListener("keydown", (event) => {
  const chips = [...element.querySelectorAll("button")];
  const from = chips.indexOf(event.target);
  const isInBox = event.target === box();
  if (event.isComposing || !(isInBox || from >= 0)) return;
  if (!chips.length) {
    // What was put away comes back.
    if (event.key === "ArrowDown" && putAway !== null) { putAway = null; show(); event.preventDefault(); }
    return;
  }
  if (event.key === "Escape") {
    putAway = box().value;
    show();
  } else if (isInBox ? event.key === "ArrowDown" : event.key in STEP) {
    event.preventDefault();
    (chips[Math.min(from + STEP[event.key], chips.length - 1)] || box()).focus();
  }
}, true);
watch(["offers", "name"], show);
show();
