// Event: 'enter'. The box above, its button, and the offers below it. The box is emptied by the key
// itself: emptied by an answer, even one of the page, it would lose what is typed until then.
const card = element.closest(".ovd-query-card");
const waiting = (window.ovdWaiting ??= []);
const box = () => card.querySelector("#ovd-query input");

function write(text) {
  box().value = text;
  box().dispatchEvent(new Event("input", { bubbles: true }));
}
function add(text) {
  waiting.push(text);
  write("");
  trigger("enter", { value: text });
}
// Answers come in the order of the questions. What was refused can be mended in the box.
window.ovdAnswered = (isAdded) => {
  const text = waiting.shift();
  if (!isAdded && !box().value) write(text);
};
card.addEventListener("keypress", (event) => {
  if (event.key === "Enter" && event.target === box()) add(box().value);
}, true);
card.addEventListener("click", (event) => {
  if (event.target.closest("#ovd-add")) add(box().value);
}, true);

function show() {
  const offers = props.offers || [];
  element.replaceChildren();
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
}
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) add(button.textContent);
});
watch(["offers", "name"], show);
show();
