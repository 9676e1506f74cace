// Events: 'show_evidence', 'hide_evidence'.
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-event]");
  if (button) trigger(button.dataset.event, { value: button.dataset.value || "", ...ovdLive.click("evidence") });
});
