// Events: 'stop_counting', 'start_again'.
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-event]");
  if (button) trigger(button.dataset.event, {});
});
