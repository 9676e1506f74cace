// The chart of a site: people inside with their band, and people who entered, by interval. A gap is hatched, never a zero.
window.ovdSiteChart = (() => {
  const { make, makeSvg } = ovdDom;
  const LEFT = 44, RIGHT = 10, TOP = 14, INSIDE = 190, BETWEEN = 34, ENTERED = 90, BOTTOM = 24;
  const HEIGHT = TOP + INSIDE + BETWEEN + ENTERED + BOTTOM;

  function niceMost(value) {
    const most = Math.max(value, 4);
    const step = 10 ** Math.floor(Math.log10(most));
    return [1, 2, 4, 5, 10].map((times) => times * step).find((each) => each >= most) ?? most;
  }
  // Draws into `place`; `told` has words and language, `of` has buckets, capacity, zone, daily, and the end of the time axis.
  function draw(place, told, of) {
    const { words, language } = told;
    const { buckets, capacity, tz, daily } = of;
    const width = Math.max(280, place.clientWidth || 600);
    const begin = Date.parse(buckets[0].bucket_start);
    const end = Math.max(Date.parse(buckets.at(-1).bucket_end), of.until ?? 0);
    const x = (at) => LEFT + ((Date.parse(at) - begin) / (end - begin)) * (width - LEFT - RIGHT);
    const highest = Math.max(...buckets.map((each) => Math.max((daily ? each.most : each.high) ?? 0, each.most ?? 0)), capacity && capacity < 4000 ? capacity : 0);
    const mostInside = niceMost(highest);
    const mostEntered = niceMost(Math.max(...buckets.map((each) => each.entered ?? 0)));
    const floor = TOP + INSIDE;
    const ground = floor + BETWEEN + ENTERED;
    const y = (people) => floor - (people / mostInside) * INSIDE;
    const svg = makeSvg("svg", "", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": words.chart_alt, height: HEIGHT, width });
    const add = (tag, className, attributes, text) => {
      const made = makeSvg(tag, className, attributes);
      if (text !== undefined) made.textContent = text;
      svg.append(made);
      return made;
    };
    const defs = makeSvg("defs");
    const pattern = makeSvg("pattern", "", { id: "ovd-site-hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    pattern.append(makeSvg("rect", "hatch", { width: 2, height: 7 }));
    defs.append(pattern);
    svg.append(defs);
    for (const each of buckets) {
      const [from, to] = [x(each.bucket_start), x(each.bucket_end)];
      if (!daily && !each.open_s) add("rect", "shut", { x: from, y: TOP, width: to - from + 0.5, height: ground - TOP });
    }
    for (const share of [0, 0.5, 1]) {
      add("line", "grid", { x1: LEFT, x2: width - RIGHT, y1: y(share * mostInside), y2: y(share * mostInside) });
      add("text", "axis", { x: LEFT - 8, y: y(share * mostInside) + 4, "text-anchor": "end" }, (share * mostInside).toLocaleString(language));
    }
    for (const share of [0, 1]) {
      const at = ground - share * ENTERED;
      add("line", "grid", { x1: LEFT, x2: width - RIGHT, y1: at, y2: at });
      add("text", "axis", { x: LEFT - 8, y: at + 4, "text-anchor": "end" }, (share * mostEntered).toLocaleString(language));
    }
    add("text", "label", { x: LEFT, y: floor + BETWEEN - 8 }, words.chart_entered);
    // Runs of known numbers: a band and a line may not pass over what is not known.
    const runs = [[]];
    for (const each of buckets) {
      const value = daily ? each.most : each.people;
      if (value === null) runs.push([]);
      else runs.at(-1).push(each);
    }
    for (const run of runs.filter((each) => each.length)) {
      const upper = run.map((each) => `${x(each.bucket_end)},${y(each.high)}`);
      const lower = run.map((each) => `${x(each.bucket_end)},${y(each.low)}`).reverse();
      const line = run.map((each) => `${x(each.bucket_end)},${y(daily ? each.most : each.people)}`);
      if (!daily) add("polygon", "band", { points: [...upper, ...lower].join(" ") });
      add("polyline", "people", { points: line.join(" ") });
      if (run.length === 1 || daily) for (const each of run) add("circle", "dot", { cx: x(each.bucket_end), cy: y(daily ? each.most : each.people), r: 3 });
    }
    if (capacity && capacity <= mostInside) add("line", "capacity", { x1: LEFT, x2: width - RIGHT, y1: y(capacity), y2: y(capacity) });
    for (const each of buckets) {
      const [from, to] = [x(each.bucket_start), x(each.bucket_end)];
      if (each.entered === null || (daily ? each.most : each.people) === null) add("rect", "gap", { x: from, y: TOP, width: to - from, height: ground - TOP });
      else {
        const height = (each.entered / mostEntered) * ENTERED;
        add("rect", "bar", { x: from + 1, y: ground - height, width: Math.max(1, to - from - 2), height });
        if (each.coverage < 0.98) add("rect", "gap", { x: from, y: ground - ENTERED, width: to - from, height: ENTERED });
      }
    }
    for (const [at, text] of ticks(begin, end, width, tz, language, daily)) add("text", "axis", { x: x(at), y: HEIGHT - 6, "text-anchor": "middle" }, text);
    const readout = make("p", "ovd-sites-readout", "\u00a0");
    const marker = add("line", "marker", { y1: TOP, y2: ground, x1: 0, x2: 0, visibility: "hidden" });
    const show = (event) => {
      const left = event.clientX - svg.getBoundingClientRect().left;
      const found = buckets.find((each) => left >= x(each.bucket_start) && left < x(each.bucket_end));
      marker.setAttribute("visibility", found ? "visible" : "hidden");
      if (!found) { readout.textContent = "\u00a0"; return; }
      const middle = (x(found.bucket_start) + x(found.bucket_end)) / 2;
      marker.setAttribute("x1", middle);
      marker.setAttribute("x2", middle);
      readout.textContent = of.describe(found);
    };
    svg.addEventListener("pointermove", show);
    svg.addEventListener("pointerleave", () => { marker.setAttribute("visibility", "hidden"); readout.textContent = "\u00a0"; });
    place.replaceChildren(svg, readout);
  }
  function ticks(begin, end, width, tz, language, daily) {
    const hours = (end - begin) / 3600000;
    const most = Math.max(2, Math.floor((width - LEFT) / 72));
    const step = [1, 2, 3, 4, 6, 12, 24, 48, 96, 168, 336].find((each) => hours / each <= most) ?? 672;
    const options = step >= 24 || daily ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const clock = (at) => Number(new Intl.DateTimeFormat("en-GB", { hour: "2-digit", hourCycle: "h23", timeZone: tz }).format(at));
    const found = [];
    let last = -Infinity;
    for (let at = Math.ceil(begin / 3600000) * 3600000; at <= end; at += 3600000) {
      const hour = clock(at);
      const due = step >= 24 ? hour === 0 && at - last >= (step - 2) * 3600000 : hour % step === 0;
      if (due) { found.push([new Date(at).toISOString(), new Date(at).toLocaleString(language, { timeZone: tz, ...options })]); last = at; }
    }
    return found;
  }
  return { draw };
})();
