// Fields of our forms: each shows a value of an object and writes it back; `changed` is called after every change.
window.ovdForms = (() => {
  const { make } = ovdDom;
  function begin(prefix, values, changed = () => {}) {
    const set = (name, value) => { values[name] = value; changed(name); };
    function row(label, field, name, hint = "") {
      const made = make("div", "ovd-form-row");
      field.id = `${prefix}-${name}`;
      made.append(make("label", "", label, { for: field.id }), field);
      if (hint) {
        made.append(make("small", "", hint, { id: field.id + "-hint" }));
        field.setAttribute("aria-describedby", field.id + "-hint");
      }
      return made;
    }
    function input(label, name, hint = "", attributes = {}) {
      const field = make("input", "", undefined, { type: "text", autocomplete: "off", ...attributes });
      field.value = values[name] ?? "";
      field.addEventListener("input", () => set(name, field.value));
      return row(label, field, name, hint);
    }
    function select(label, name, choices, hint = "") {
      const field = make("select");
      for (const [value, text] of choices) field.append(make("option", "", text, { value }));
      if (!choices.some(([value]) => value === values[name])) values[name] = choices[0]?.[0] ?? "";
      field.value = values[name];
      field.addEventListener("change", () => set(name, field.value));
      return row(label, field, name, hint);
    }
    function check(label, name) {
      const line = make("label", "ovd-check");
      const box = make("input", "", undefined, { type: "checkbox", id: `${prefix}-${name}` });
      box.checked = Boolean(values[name]);
      box.addEventListener("change", () => set(name, box.checked));
      line.append(box, make("span", "", label));
      return line;
    }
    function checks(label, name, choices, hint = "") {
      const group = make("fieldset", "ovd-alert-checks");
      group.append(make("legend", "", label));
      for (const choice of choices) {
        const line = make("label");
        const box = make("input", "", undefined, { type: "checkbox", value: choice });
        box.checked = values[name].includes(choice);
        box.addEventListener("change", () => set(name, box.checked ? [...values[name], choice] : values[name].filter((each) => each !== choice)));
        line.append(box, make("span", "", choice));
        group.append(line);
      }
      if (hint) group.append(make("small", "", hint));
      return group;
    }
    // A file as base64; `told` names what the object already has of it.
    function file(label, name, hint, accept) {
      const field = make("input", "", undefined, { type: "file", accept });
      field.addEventListener("change", async () => {
        const [chosen] = field.files;
        set(name, chosen ? await base64(chosen) : "");
      });
      return row(label, field, name, hint);
    }
    function pair(...rows) {
      const made = make("div", "ovd-form-pair");
      made.append(...rows);
      return made;
    }
    return { input, select, check, checks, file, pair, row };
  }
  const base64 = (file) => new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",", 2)[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  // A dialog with a title, a body and buttons; `close` is called however it is closed.
  function open(id, className, title, closeWords) {
    const dialog = make("dialog", "ovd-window " + className, undefined, { "aria-labelledby": id + "-title" });
    const close = () => { dialog.close(); dialog.remove(); };
    const head = make("div", "ovd-title");
    head.append(make("h2", "", title, { id: id + "-title" }), ovdDom.button("×", close, "ovd-remove", { "aria-label": closeWords }));
    const body = make("div", "ovd-window-body");
    const actions = make("div", "ovd-window-actions");
    const status = make("span", "ovd-window-status", "", { role: "status" });
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
    dialog.append(head, body, actions);
    document.querySelector(".gradio-container .contain").append(dialog);
    dialog.showModal();
    // Does something while the buttons wait; what fails is told in the window.
    async function run(work, wait) {
      const buttons = [...actions.querySelectorAll("button")];
      for (const each of buttons) each.disabled = true;
      Object.assign(status, { textContent: wait, className: "ovd-window-status" });
      try {
        await work();
        status.textContent = "";
      } catch (error) {
        Object.assign(status, { textContent: error.message, className: "ovd-window-status bad" });
      }
      for (const each of buttons) each.disabled = false;
    }
    return { dialog, body, actions, status, close, run };
  }
  // Calls `shown` whenever a view is opened, and every `everyMs` while it is, in a window that is visible.
  function whileShown(view, everyMs, shown) {
    let timer = 0;
    ovdLive.on("view", (state) => {
      clearInterval(timer);
      timer = 0;
      if (state.view !== view) return;
      shown(true);
      if (everyMs) timer = setInterval(() => { if (!document.hidden) shown(false); }, everyMs);
    });
  }
  function tell(place, text, bad = false) {
    place.querySelector(".ovd-told")?.remove();
    const line = make("p", bad ? "ovd-told bad" : "ovd-told", text, { role: bad ? "alert" : "status" });
    place.prepend(line);
    setTimeout(() => line.remove(), 12000);
  }
  function saveFile(blob, name) {
    const link = make("a", "", undefined, { href: URL.createObjectURL(blob), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
  const moment = (text, language, tz) => new Date(text).toLocaleString(language, { timeZone: tz, dateStyle: "medium", timeStyle: "short" });
  return { begin, open, whileShown, tell, saveFile, moment };
})();
