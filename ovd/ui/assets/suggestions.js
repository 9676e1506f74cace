// Event: 'choose'. Offers lie below the box; arrow keys reach them from there, Escape closes them.
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
  if (button) trigger("choose", { value: button.textContent });
});
watch(["offers", "name"], show);
show();
