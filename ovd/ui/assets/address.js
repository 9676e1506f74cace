// A login that is typed or pasted with an address moves to fields of its own as soon as it is whole: the password is hidden there.
const form = element.closest(".ovd-setup");
const write = (id, text) => {
  const box = form.querySelector(`#${id} input, #${id} textarea`);
  if (!box) return;
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
};
form.addEventListener("input", (event) => {
  if (!event.target.closest("#ovd-url")) return;
  const parts = ovdDom.splitLogin(event.target.value);
  if (!parts) return;
  write("ovd-url", parts.uri);
  write("ovd-url-user", parts.user);
  write("ovd-url-password", parts.password);
});
// Why nothing started stands above the button.
const refusal = ovdDom.make("p", "ovd-refusal", "", { role: "alert" });
element.before(refusal);
window.ovdStartRefused = () => requestAnimationFrame(() => { refusal.textContent = ovdDom.takeToast(); });
form.addEventListener("input", () => { refusal.textContent = ""; });
form.addEventListener("click", (event) => { if (event.target.closest("#ovd-start")) refusal.textContent = ""; }, true);
