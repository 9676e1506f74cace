// The window in which a scheduled report is made or edited.
window.ovdSchedules = (() => {
  const { fill, button } = ovdDom;
  const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
  const BUCKETS = ["1m", "15m", "1h", "1d"];
  const FORMATS = ["pdf", "html", "xlsx", "csv", "json", "parquet"];
  const ROWS_ONLY = ["csv", "json", "parquet"];
  const list = async (path) => { try { return (await (await ovdDom.ask(path)).json()).items; } catch { return []; } };

  // `schedule` is one of the API; without a name it is a new one.
  async function open(told, schedule, choices, saved) {
    const { words } = told;
    const targets = (await list("targets")).map((target) => target.name);
    const old = Boolean(schedule.last !== undefined);
    const values = { name: "", every: "weekly", weekday: "monday", at: "07:00", tz: told.tz, format: "pdf", bucket: "1h", cameras: [], queries: [],
      title: "", language: told.language, targets: [], logo: undefined, ...schedule };
    values.to = (schedule.to ?? []).join(", ");
    values.compare = old ? schedule.compare !== null : schedule.compare ?? true;
    values.weekday ??= "monday";
    const opened = ovdForms.open("ovd-schedule", "ovd-schedule-window", old ? fill(words.window_edit, { name: schedule.name }) : words.window_new, words.close);
    const draw = () => opened.body.replaceChildren(...fields());
    const form = ovdForms.begin("ovd-schedule", values, (name) => { if (["every", "format"].includes(name)) { draw(); document.getElementById("ovd-schedule-" + name)?.focus(); } });

    function fields() {
      const all = [...new Set([...targets, ...values.targets])];
      const when = [form.select(words.every, "every", [["daily", words.every_daily], ["weekly", words.every_weekly]])];
      if (values.every === "weekly") when.push(form.select(words.weekday, "weekday", WEEKDAYS.map((day) => [day, words[day]])));
      const parts = [];
      if (!old) parts.push(form.input(words.name, "name", words.name_hint, { maxlength: "64" }));
      parts.push(form.pair(...when), form.pair(form.input(words.at, "at", "", { type: "time" }), form.input(words.tz, "tz")));
      parts.push(form.input(words.to, "to", words.to_hint, { inputmode: "email" }));
      if (all.length) parts.push(form.checks(words.targets, "targets", all));
      else parts.push(ovdDom.make("p", "ovd-note", words.targets_none));
      parts.push(form.pair(form.select(words.format, "format", FORMATS.map((each) => [each, words["format_" + each]])), form.select(words.bucket, "bucket", BUCKETS.map((each) => [each, words["bucket_" + each]]))));
      if (ROWS_ONLY.includes(values.format)) parts.push(ovdDom.make("p", "ovd-note", words.rows_only));
      else {
        parts.push(form.check(words.compare, "compare"));
        parts.push(form.pair(form.input(words.report_title, "title", words.report_title_hint, { maxlength: "200" }), form.select(words.language, "language", [["en", words.language_en], ["ko", words.language_ko]])));
        parts.push(form.file(words.logo, "logo", words.logo_hint, "image/png,image/jpeg"));
        if (old && schedule.has_logo) parts.push(button(words.logo_remove, (event) => { values.logo = ""; event.target.remove(); }, "ovd-plain"));
      }
      parts.push(form.checks(words.cameras, "cameras", [...new Set([...choices.cameras, ...values.cameras])], words.cameras_hint));
      parts.push(form.checks(words.queries, "queries", [...new Set([...choices.queries, ...values.queries])], words.queries_hint));
      return parts;
    }
    async function save() {
      const rows = ROWS_ONLY.includes(values.format);
      const body = { every: values.every, at: values.at, tz: values.tz.trim(), weekday: values.weekday, format: values.format, bucket: values.bucket, cameras: values.cameras,
        queries: values.queries, title: values.title, language: values.language, targets: values.targets,
        to: values.to.split(/[,;\s]+/).filter(Boolean), compare: values.compare && !rows ? "previous" : null };
      if (values.logo !== undefined) body.logo = values.logo;
      if (old) await ovdDom.ask("schedules/" + encodeURIComponent(schedule.name), { method: "PATCH", json: body }, words.failed);
      else await ovdDom.ask("schedules", { method: "POST", json: { ...body, name: values.name.trim() } }, words.failed);
      opened.close();
      saved();
    }
    async function remove() {
      if (!window.confirm(fill(words.remove_sure, { name: schedule.name }))) return;
      await ovdDom.ask("schedules/" + encodeURIComponent(schedule.name), { method: "DELETE" }, words.failed);
      opened.close();
      saved();
    }
    opened.actions.append(button(words.save, () => opened.run(save, words.working), "ovd-main"), button(words.cancel, opened.close));
    if (old) opened.actions.append(button(words.remove, () => opened.run(remove, words.working), "ovd-danger"));
    opened.actions.append(opened.status);
    draw();
    opened.body.querySelector("input, select").focus();
  }
  return { open };
})();
