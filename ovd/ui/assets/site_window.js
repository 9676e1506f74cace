// The windows of the sites view: a site is made or edited, its number is corrected, sales are imported.
window.ovdSites = (() => {
  const { fill, make, button } = ovdDom;
  const pathOf = (name, rest = "") => "sites/" + encodeURIComponent(name) + rest;
  const join = (camera, zone) => JSON.stringify([camera, zone]);
  const HOLIDAY = /^(\d{4}-\d{2}-\d{2})\s*((?:\d{1,2}:\d{2}-\d{1,2}:\d{2}[,\s]*)*)(.*)$/;

  async function readZones(words) {
    const cameras = (await (await ovdDom.ask("cameras?limit=1000", {}, words.failed)).json()).items;
    const found = { line: [], polygon: [], queries: [] };
    await Promise.all(cameras.map(async (camera) => {
      const zones = (await (await ovdDom.ask(`cameras/${encodeURIComponent(camera.name)}/zones`, {}, words.failed)).json()).items;
      for (const zone of zones) found[zone.kind].push([join(camera.name, zone.name), `${camera.name} · ${zone.name}`]);
      found.queries.push(...camera.queries.map((query) => query.text ?? query));
    }));
    for (const kind of ["line", "polygon"]) found[kind].sort((a, b) => a[1].localeCompare(b[1]));
    return found;
  }
  const holidayLines = (holidays) => holidays.map((day) => [day.day, day.hours.join(","), day.name].filter(Boolean).join(" ")).join("\n");
  function readHolidays(text) {
    return text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
      const [, day, hours, name] = HOLIDAY.exec(line) ?? [null, line, "", ""];
      return { day, hours: hours.split(/[,\s]+/).filter(Boolean), name: name.trim() };
    });
  }

  // `site` is one of the API, or null for a new one; `saved` is given the name.
  async function open(told, site, saved) {
    const { words } = told;
    const zones = await readZones(words);
    const old = site !== null;
    const values = { name: "", tz: told.tz, query: zones.queries[0] ?? "person", capacity: "", area_m2: "", currency: "", ...(site ?? {}) };
    values.hours = (site?.hours ?? []).join("\n");
    values.holidays = holidayLines(site?.holidays ?? []);
    values.reset_kind = site?.reset === "closing" ? "closing" : "at";
    values.reset = site && site.reset !== "closing" ? site.reset : "04:00";
    for (const name of ["capacity", "area_m2"]) values[name] = site?.[name] ?? "";
    values.turn_back = site?.staff.turn_back_s || "";
    values.staff_area = site?.staff.areas[0] ? join(site.staff.areas[0].camera, site.staff.areas[0].area) : "";
    const doors = (site?.doors ?? []).map((door) => ({ ...door, at: join(door.camera, door.line), also: door.more[0] ? join(door.more[0].camera, door.more[0].line) : "", pass: door.passing[0] ? join(door.passing[0].camera, door.passing[0].line) : "" }));
    const queues = (site?.queues ?? []).map((queue) => ({ ...queue, at: join(queue.camera, queue.area), limit: queue.limit_s ?? "" }));
    if (!old && zones.line.length) doors.push(newDoor());
    const opened = ovdForms.open("ovd-site", "ovd-site-window", old ? fill(words.window_edit, { name: site.name }) : words.window_new, words.close);
    const form = ovdForms.begin("ovd-site", values, (name) => { if (name === "reset_kind") { draw(); document.getElementById("ovd-site-reset_kind")?.focus(); } });
    const none = ["", words.nothing];

    function newDoor() { return { name: "", at: zones.line[0][0], enter: "in", also: "", pass: "" }; }
    function area(label, name, hint) {
      const field = make("textarea", "", undefined, { rows: "3", spellcheck: "false" });
      field.value = values[name];
      field.addEventListener("input", () => { values[name] = field.value; });
      return form.row(label, field, name, hint);
    }
    function part(title, ...children) {
      const made = make("fieldset", "ovd-site-part");
      made.append(make("legend", "", title), ...children);
      return made;
    }
    function removable(label, list, item, ...children) {
      const made = make("div", "ovd-site-row");
      made.append(...children, button("×", () => { list.splice(list.indexOf(item), 1); draw(); }, "ovd-remove", { "aria-label": label }));
      return made;
    }
    function doorRow(door, index) {
      const own = ovdForms.begin("ovd-site-door-" + index, door);
      const lines = door.imported ? [[door.at, door.name]] : zones.line;
      return removable(fill(words.door_remove, { name: door.name || index + 1 }), doors, door,
        own.pair(own.input(words.door_name, "name", "", { maxlength: "200" }), own.select(words.door_line, "at", lines)),
        own.pair(own.select(words.door_enter, "enter", [["in", words.enter_in], ["out", words.enter_out]]), own.select(words.door_more, "also", [none, ...zones.line]), own.select(words.door_passing, "pass", [none, ...zones.line])));
    }
    function queueRow(queue, index) {
      const own = ovdForms.begin("ovd-site-queue-" + index, queue);
      return removable(fill(words.queue_remove, { name: queue.name || index + 1 }), queues, queue,
        own.pair(own.input(words.queue_name, "name", "", { maxlength: "200" }), own.select(words.queue_area, "at", zones.polygon)),
        own.pair(own.select(words.queue_front, "front", [none, ...frontsOf(queue)]), own.input(words.queue_limit, "limit", "", { inputmode: "numeric" })));
    }
    // The front of a queue is a line of the same camera.
    const frontsOf = (queue) => zones.line.map(([key]) => JSON.parse(key)).filter(([camera]) => camera === JSON.parse(queue.at)[0]).map(([, line]) => [line, line]);
    function draw() {
      const reset = [form.select(words.reset, "reset_kind", [["at", words.reset_at], ["closing", words.reset_closing]], words.reset_hint)];
      if (values.reset_kind === "at") reset.push(form.input(words.reset_time, "reset", "", { type: "time" }));
      const doorPart = zones.line.length
        ? [...doors.map(doorRow), button(words.door_add, () => { doors.push(newDoor()); draw(); })]
        : [make("p", "ovd-note", words.doors_none)];
      const queuePart = zones.polygon.length
        ? [...queues.map(queueRow), button(words.queue_add, () => { queues.push({ name: "", at: zones.polygon[0][0], front: "", limit: "" }); draw(); })]
        : [make("p", "ovd-note", words.queues_none)];
      opened.body.replaceChildren(
        form.pair(form.input(words.name, "name", "", { maxlength: "200" }), form.input(words.tz, "tz"), form.input(words.query, "query", words.query_hint)),
        part(words.doors, ...doorPart),
        form.pair(area(words.opening, "hours", words.opening_hint), area(words.holidays, "holidays", words.holidays_hint)),
        form.pair(...reset),
        form.pair(form.input(words.capacity, "capacity", words.capacity_hint, { inputmode: "numeric" }), form.input(words.area_m2, "area_m2", "", { inputmode: "decimal" }), form.input(words.currency, "currency", words.currency_hint, { maxlength: "3" })),
        part(words.queues, ...queuePart),
        part(words.staff, form.pair(form.input(words.turn_back, "turn_back", "", { inputmode: "numeric" }), form.select(words.staff_area, "staff_area", [none, ...zones.polygon]))),
      );
    }
    const number = (text) => (String(text).trim() === "" ? null : Number(text));
    const zoneOf = (key, as) => { const [camera, zone] = JSON.parse(key); return { camera, [as]: zone }; };
    // Lines beyond those that the window shows stay as they are.
    function doorBody(door) {
      if (door.imported) return { name: door.name, imported: true };
      const more = door.also ? [{ ...zoneOf(door.also, "line"), enter: door.enter }, ...(door.more ?? []).slice(1)] : [];
      const passing = door.pass ? [zoneOf(door.pass, "line"), ...(door.passing ?? []).slice(1)] : [];
      return { name: door.name.trim(), ...zoneOf(door.at, "line"), enter: door.enter, more, passing };
    }
    async function save() {
      const { hours, holidays, reset_kind, turn_back, staff_area, ...rest } = values;
      const body = { name: values.name.trim(), tz: values.tz.trim(), query: values.query.trim(), room: site?.room ?? null, doors: doors.map(doorBody),
        hours: hours.split("\n").map((line) => line.trim()).filter(Boolean), holidays: readHolidays(holidays), capacity: number(values.capacity),
        reset: reset_kind === "closing" ? "closing" : rest.reset, area_m2: number(values.area_m2), currency: values.currency.trim(),
        queues: queues.map((queue) => ({ name: queue.name.trim(), ...zoneOf(queue.at, "area"), front: queue.front, limit_s: number(queue.limit) })),
        staff: { turn_back_s: number(turn_back) ?? 0, areas: [...(staff_area ? [zoneOf(staff_area, "area")] : []), ...(site?.staff.areas ?? []).slice(1)] } };
      const kept = await (await ovdDom.ask(old ? pathOf(site.name) : "sites", { method: old ? "PUT" : "POST", json: body }, words.failed)).json();
      opened.close();
      saved(kept.name);
    }
    async function remove() {
      if (!window.confirm(fill(words.remove_sure, { name: site.name }))) return;
      await ovdDom.ask(pathOf(site.name), { method: "DELETE" }, words.failed);
      opened.close();
      saved("");
    }
    opened.actions.append(button(words.save, () => opened.run(save, words.working), "ovd-main"), button(words.cancel, opened.close));
    if (old) opened.actions.append(button(words.remove, () => opened.run(remove, words.working), "ovd-danger"));
    opened.actions.append(opened.status);
    draw();
    opened.body.querySelector("input").focus();
  }

  function correct(told, site, people, done) {
    const { words } = told;
    const values = { people: people === null ? "" : String(Math.round(people)) };
    const opened = ovdForms.open("ovd-correct", "ovd-small-window", words.correct, words.close);
    const form = ovdForms.begin("ovd-correct", values);
    opened.body.append(make("p", "", words.correct_text), form.input(words.correct_people, "people", "", { type: "number", min: "0", step: "1" }));
    async function save() {
      const kept = await (await ovdDom.ask(pathOf(site, "/reset"), { method: "POST", json: { people: Number(values.people) } }, words.failed)).json();
      opened.close();
      done(fill(words.corrected, { count: kept.people }));
    }
    opened.actions.append(button(words.save, () => opened.run(save, words.working), "ovd-main"), button(words.cancel, opened.close), opened.status);
    opened.body.querySelector("input").focus();
  }

  function importSales(told, site, done) {
    const { words } = told;
    const values = { tz: site.tz, force: false };
    const opened = ovdForms.open("ovd-sales", "ovd-small-window", words.sales, words.close);
    const form = ovdForms.begin("ovd-sales", values);
    const file = make("input", "", undefined, { type: "file", accept: ".csv,text/csv,text/plain" });
    opened.body.append(make("p", "", words.sales_text), form.row(words.sales_file, file, "file"), form.input(words.sales_tz, "tz"), form.check(words.sales_force, "force"));
    async function save() {
      if (!file.files[0]) throw new Error(words.choose_file);
      const csv = await file.files[0].text();
      const kept = await (await ovdDom.ask(pathOf(site.name, "/sales"), { method: "POST", json: { csv, tz: values.tz.trim(), force: values.force } }, words.failed)).json();
      opened.close();
      done(fill(words.sales_done, kept));
    }
    opened.actions.append(button(words.sales_import, () => opened.run(save, words.working), "ovd-main"), button(words.cancel, opened.close), opened.status);
    file.focus();
  }
  return { open, correct, importSales, pathOf };
})();
