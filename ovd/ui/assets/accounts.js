// Users and API tokens in the system view, for admins. A new token is shown once, in its window, and kept nowhere.
window.ovdAccounts = (() => {
  const { fill, make, button } = ovdDom;
  const ROLES = ["viewer", "operator", "admin"];
  const roles = (words) => ROLES.map((role) => [role, words["role_" + role]]);

  function table(heads, rows) {
    const made = make("table", "ovd-system-table");
    const head = make("tr");
    for (const text of heads) head.append(make("th", "", text, { scope: "col" }));
    made.append(make("thead"), make("tbody"));
    made.tHead.append(head);
    for (const cells of rows) {
      const line = make("tr");
      for (const cell of cells) {
        const made = make("td");
        made.append(cell);
        line.append(made);
      }
      made.tBodies[0].append(line);
    }
    const wide = make("div", "ovd-system-wide", undefined, { tabindex: "0", role: "group", "aria-label": heads[0] });
    wide.append(made);
    return wide;
  }
  function secret(form, words, label, name) {
    const row = form.input(label, name, "", { type: "password", autocomplete: "new-password" });
    const field = row.querySelector("input");
    const eye = button("", () => {
      const shown = field.type === "text";
      field.type = shown ? "password" : "text";
      eye.setAttribute("aria-pressed", String(!shown));
      eye.setAttribute("aria-label", shown ? words.show : words.hide);
    }, "ovd-eye", { "aria-pressed": "false", "aria-label": words.show });
    const line = make("div", "ovd-secret");
    field.replaceWith(line);
    line.append(field, eye);
    return row;
  }
  // `user` is one of the API, or null for a new one.
  function openUser(told, user, cameras, changed) {
    const { words } = told;
    const values = { name: "", role: "viewer", password: "", ...user, cameras: user?.cameras ?? [] };
    const opened = ovdForms.open("ovd-user", "ovd-account-window", user ? fill(words.change_of, { name: user.name }) : words.user_add, words.cancel);
    const form = ovdForms.begin("ovd-user", values);
    if (!user) opened.body.append(form.input(words.user_name, "name", "", { maxlength: "64" }));
    opened.body.append(form.select(words.role, "role", roles(words)), secret(form, words, user ? words.newpassword : words.userpassword, "password"));
    opened.body.append(form.checks(words.only_cameras, "cameras", [...new Set([...cameras, ...values.cameras])], `${words.all_cameras}: –`));
    async function save() {
      const body = { role: values.role, cameras: values.cameras.length ? values.cameras : null };
      if (values.password || !user) body.password = values.password;
      if (user) await ovdDom.ask("users/" + encodeURIComponent(user.name), { method: "PATCH", json: body }, words.failed);
      else await ovdDom.ask("users", { method: "POST", json: { ...body, name: values.name.trim() } }, words.failed);
      opened.close();
      changed();
    }
    async function remove() {
      if (!window.confirm(fill(words.remove_user_sure, { name: user.name }))) return;
      await ovdDom.ask("users/" + encodeURIComponent(user.name), { method: "DELETE" }, words.failed);
      opened.close();
      changed();
    }
    opened.actions.append(button(user ? words.save : words.add, () => opened.run(save, words.working), "ovd-main"), button(words.cancel, opened.close));
    if (user) opened.actions.append(button(words.remove, () => opened.run(remove, words.working), "ovd-danger", { "aria-label": fill(words.remove_user, { name: user.name }) }));
    opened.actions.append(opened.status);
    opened.body.querySelector("input, select").focus();
  }
  function openToken(told, changed) {
    const { words } = told;
    const values = { name: "", role: "viewer", days: "" };
    const opened = ovdForms.open("ovd-token", "ovd-account-window", words.apitoken_add, words.cancel);
    const form = ovdForms.begin("ovd-token", values);
    opened.body.append(form.input(words.apitoken_name, "name", "", { maxlength: "64" }), form.select(words.role, "role", roles(words)),
      form.input(words.apitoken_days, "days", words.apitoken_days_hint, { type: "number", min: "1", max: "3650" }));
    async function save() {
      const json = { name: values.name.trim(), role: values.role, days: values.days ? Number(values.days) : null };
      const { token } = await (await ovdDom.ask("tokens", { method: "POST", json }, words.failed)).json();
      const code = make("code", "ovd-once", token);
      const copy = button(words.copy, async () => { await navigator.clipboard?.writeText(token); copy.textContent = words.copied; }, "ovd-plain");
      opened.body.replaceChildren(make("p", "", words.apitoken_once, { role: "status" }), code);
      opened.actions.replaceChildren(copy, button(words.apitoken_done, opened.close, "ovd-main"));
      changed();
    }
    opened.actions.append(button(words.add, () => opened.run(save, words.working), "ovd-main"), button(words.cancel, opened.close), opened.status);
    opened.body.querySelector("input").focus();
  }
  function users(told, known, cameras, changed) {
    const { words } = told;
    const rows = known.map((user) => [
      user.name, words["role_" + user.role], user.cameras ? user.cameras.join(", ") : words.all_cameras,
      button(words.change, () => openUser(told, user, cameras, changed), "ovd-plain", { "aria-label": fill(words.change_of, { name: user.name }) }),
    ]);
    return [
      known.length ? table([words.user, words.role, words.only_cameras, ""], rows) : make("p", "", words.users_none),
      button(words.user_add, () => openUser(told, null, cameras, changed), "ovd-plain"),
    ];
  }
  function tokens(told, known, changed, failed) {
    const { words } = told;
    const day = (text, none) => (text ? ovdForms.moment(text, told.language, told.tz) : none);
    const revoke = async (token) => {
      if (!window.confirm(fill(words.revoke_sure, { name: token.name }))) return;
      try { await ovdDom.ask("tokens/" + encodeURIComponent(token.name), { method: "DELETE" }, words.failed); } catch (error) { failed(error); }
      changed();
    };
    const rows = known.map((token) => [
      token.name, words["role_" + token.role], day(token.expires_at, words.never), day(token.last_used_at, words.never),
      button(words.revoke, () => revoke(token), "ovd-plain", { "aria-label": fill(words.revoke_of, { name: token.name }) }),
    ]);
    return [
      known.length ? table([words.apitoken, words.role, words.apitoken_expires, words.apitoken_used, ""], rows) : make("p", "", words.tokens_none),
      button(words.apitoken_add, () => openToken(told, changed), "ovd-plain"),
    ];
  }
  return { users, tokens, table };
})();
