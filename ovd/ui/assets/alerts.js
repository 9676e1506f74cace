// The list of alert rules; what is done to one is asked of the REST API, and the list follows the server.
const pathOf = (name, rest = "") => `alerts/${encodeURIComponent(name)}${rest}`;
const HOUR_S = 3600;

const ACTS = {
  snooze: (name) => ovdDom.ask(pathOf(name, "/snooze"), { method: "POST", json: { for_s: HOUR_S } }),
  wake: (name) => ovdDom.ask(pathOf(name, "/snooze"), { method: "POST", json: { for_s: 0 } }),
  enable: (name) => ovdDom.ask(pathOf(name), { method: "PATCH", json: { enabled: true } }),
  disable: (name) => ovdDom.ask(pathOf(name), { method: "PATCH", json: { enabled: false } }),
  test: async (name) => {
    const answer = await (await ovdDom.ask(pathOf(name, "/test"), { method: "POST" })).json();
    ovdAlerts.tellTested(answer.to.join(", "));
  },
};
element.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-alert-act]");
  if (!button) return;
  const name = button.closest("[data-rule]")?.dataset.rule;
  const act = button.dataset.alertAct;
  if (act === "add") return ovdAlerts.open();
  if (act === "edit") return ovdAlerts.open(name);
  button.disabled = true;
  try {
    await ACTS[act](name);
  } catch (error) {
    ovdAlerts.tell(error.message, true);
  }
  button.disabled = false;
});
ovdLive.morph("alerts", element);
