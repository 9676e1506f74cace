// A login that is typed or pasted with an address moves to fields of its own as soon as it is whole: the password is hidden there.
const LOGIN = /^([a-z]+:\/\/)([^:@/?#{]+)(?::([^@/?#]*))?@(.*)$/i;
const form = element.closest(".ovd-setup");
const write = (id, text) => {
  const box = form.querySelector(`#${id} input, #${id} textarea`);
  if (!box) return;
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
};
const decode = (part) => { try { return decodeURIComponent(part); } catch { return part; } };
form.addEventListener("input", (event) => {
  if (!event.target.closest("#ovd-url")) return;
  const found = LOGIN.exec(event.target.value.trim());
  if (!found) return;
  write("ovd-url", found[1] + found[4]);
  write("ovd-url-user", decode(found[2]));
  write("ovd-url-password", decode(found[3] ?? ""));
});
// Why nothing started stands above the button.
const refusal = ovdDom.make("p", "ovd-refusal", "", { role: "alert" });
element.before(refusal);
window.ovdStartRefused = () => requestAnimationFrame(() => { refusal.textContent = ovdDom.takeToast(); });
form.addEventListener("input", () => { refusal.textContent = ""; });
form.addEventListener("click", (event) => { if (event.target.closest("#ovd-start")) refusal.textContent = ""; }, true);
