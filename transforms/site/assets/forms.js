"use strict";
// The forms of charts as Vega-Lite specs: rows in, a spec and the sentence that says what is seen out; null where there
// is nothing to draw. A row: {key, name, t, value, low, high, unit, label, said, known, source, tier, later, definition}.
CS.forms = (() => {
  const { label, plain, amount } = CS;
  const PALETTE = ["#2f7fc1", "#d0702c", "#2c9a78", "#9467bd", "#a8862a", "#c2455a", "#5b8c2a", "#8a8f98", "#7ab3e0", "#eda777", "#74c9ae", "#c0a4dd", "#d3b968", "#e38d9c", "#9cc56e", "#b7bbc2"];
  // Without what every object has: a series may be called "toString".
  const ORGANISATIONS = { __proto__: null,
    openai: "#2c9a78", google: "#2f7fc1", anthropic: "#d0702c", xai: "#8a8f98", deepseek: "#9467bd", meta: "#3f5fd0",
    mistral: "#c98a1b", alibaba: "#c2455a", moonshot: "#5b8c2a", zhipu: "#a06a4a",
    MSFT: "#2f7fc1", AMZN: "#d0702c", GOOGL: "#2c9a78", META: "#3f5fd0", ORCL: "#c2455a", NVDA: "#5b8c2a", AAPL: "#8a8f98", CRWV: "#9467bd",
  };
  const SIDES = { __proto__: null, for: "#2c9a78", against: "#c2455a", not_oversupply: "#c2455a", oversupply: "#2c9a78", worry: "#c98a1b", beside: "#8a8f98" };
  const RULE = "#c2455a";
  const GREY = "#9aa0a6";
  const QUARTER_DAYS = 100;

  const unitOf = (rows) => (rows.find((row) => row.unit) || { unit: "" }).unit;
  const colours = (keys) => keys.map((key, place) => ORGANISATIONS[key] || SIDES[key] || PALETTE[place % PALETTE.length]);
  const distinct = (list) => [...new Set(list)];
  const newest = (rows) => rows.filter((row) => !row.later).reduce((best, row) => (!best || row.t >= best.t ? row : best), null);

  /** The axis of a unit, in the reader's own words: money in billions or 億, the rest by its sign. */
  function axisOf(unit, more = {}) {
    const zh = CS.lang === "zh";
    if (unit === "USD") return { title: label("in_100m"), labelExpr: `format(datum.value / ${zh ? 1e8 : 1e9}, ',')`, ...more };
    if (unit && unit.startsWith("pct")) return { title: unit === "pct_points" ? label("unit") && CS.words().units.pct_points.replace("{}", "").trim() : "%", ...more };
    const shape = CS.words().units[unit];
    return { title: shape ? shape.replace("{}", "").trim() || null : CS.unlike(unit) || null, ...more };
  }
  /** The time axis: days where the rows span some months, months otherwise; no tick says what the one before said. */
  function timeAxis(rows, field = "t") {
    const days = rows.map((row) => CS.dayNumber(row[field]));
    const span = Math.max(...days) - Math.min(...days);
    return { title: null, format: span < 150 ? "%Y-%m-%d" : "%Y-%m", tickCount: span < 150 ? 5 : 9, labelOverlap: "greedy", grid: false };
  }
  const xTime = (rows, field = "t", title = null) => ({ field, type: "temporal", scale: { type: "utc" }, axis: { ...timeAxis(rows, field), title } });
  const tooltip = ["name", "named", "shown", "t", "known", "source", "tier"].map((field) => ({ field, type: "nominal", title: { name: label("series"), named: label("label"), shown: label("value"), t: label("observed_on"), known: label("known_at"), source: label("source"), tier: label("tier_short") }[field] }));
  function colour(rows, field = "name", keys = null) {
    const pairs = keys || distinct(rows.map((row) => `${row.name}\u0000${row.key}`)).map((pair) => pair.split("\u0000"));
    const scale = { domain: pairs.map(([name]) => name), range: colours(pairs.map(([, key]) => key)) };
    const legend = pairs.length > 1 ? { title: null, orient: "top", columns: pairs.length > 4 ? 3 : 0, labelLimit: 280, symbolOpacity: 1 } : null;
    return { condition: { test: "datum.later", value: GREY }, field, type: "nominal", scale, legend };
  }
  const rule = (value, horizontal = true) => ({ data: { values: [{ at: value }] }, mark: { type: "rule", color: RULE, strokeDash: [5, 4], strokeWidth: 1.5 }, encoding: horizontal ? { y: { field: "at", type: "quantitative" }, x: { value: 0 }, x2: { value: "width" } } : { x: { field: "at", type: "quantitative" }, y: { value: 0 }, y2: { value: "height" } } });
  const article = () => ({ data: { values: [{ at: CS.ARTICLE }] }, mark: { type: "rule", strokeDash: [2, 3], opacity: 0.7 }, encoding: { x: { field: "at", type: "temporal", scale: { type: "utc" } }, y: { value: 0 }, y2: { value: "height" }, tooltip: { value: label("article_day") } } });
  const rulesSaid = (drawing, unit) => drawing.rules.map((one) => `${label(one.name)} ${amount(one.value, unit)}`);
  const inRange = (rows) => rows.some((row) => row.t < CS.ARTICLE) && rows.some((row) => row.t > CS.ARTICLE);
  const data = (rows) => ({ values: rows });
  /** The intervals of those rows that have one, as a layer; none where no row has. */
  function intervals(rows, paint, look) {
    const values = rows.filter((row) => Number.isFinite(row.low) && Number.isFinite(row.high) && row.low < row.high);
    if (!values.length) return [];
    return [{ data: { values }, mark: { type: "rule", ...look }, encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" }, color: paint } }];
  }

  function bars(rows, drawing) {
    const unit = unitOf(rows);
    const shown = rows.filter((row) => row.unit === unit && !row.later).slice(-20).concat(rows.filter((row) => row.later && row.unit === unit)).map((row) => ({ ...row, label: row.label || row.t, growth: growth(rows, row) }));
    const text = { mark: { type: "text", dy: -6, fontSize: 10.5, baseline: "bottom" }, encoding: { text: { field: "short", type: "nominal" } } };
    const spec = { data: data(shown), height: 280, layer: [
      { mark: { type: "bar", size: Math.max(8, Math.min(46, 500 / shown.length)) }, encoding: { color: colour(shown), tooltip: [...tooltip, { field: "growth", type: "nominal", title: label("change_pct") }] } },
      ...(shown.length <= 14 ? [text] : []), ...drawing.rules.map((one) => rule(one.value)) ],
      encoding: { x: { field: "label", type: "nominal", sort: null, axis: { title: null, labelAngle: shown.length > 6 ? -40 : 0 } }, y: { field: "value", type: "quantitative", axis: axisOf(unit) } } };
    const last = newest(shown);
    return { spec, seen: [last ? `${last.name} ${last.label}: ${last.shown}${last.growth ? ` (${last.growth})` : ""}` : "", ...rulesSaid(drawing, unit)] };
  }
  function growth(rows, row) {
    const past = rows.find((one) => one.key === row.key && one.unit === row.unit && one.t.slice(5, 7) === row.t.slice(5, 7) && Number(one.t.slice(0, 4)) === Number(row.t.slice(0, 4)) - 1);
    if (!past || past.value <= 0 || row.unit !== "USD") return "";
    const rate = 100 * (row.value / past.value - 1);
    return `${rate >= 0 ? "+" : ""}${plain(rate)}%`;
  }

  /** Stretches that may be joined: one series, one definition, no quarter missing between. */
  function stretched(rows, gap) {
    const last = new Map();
    return [...rows].sort((a, b) => (a.t < b.t ? -1 : 1)).map((row) => {
      const key = `${row.key}|${row.definition || ""}|${row.unit}|${row.later}`;
      const was = last.get(key);
      const number = was ? was.number + (CS.dayNumber(row.t) - CS.dayNumber(was.t) > gap ? 1 : 0) : 0;
      last.set(key, { number, t: row.t });
      return { ...row, stretch: `${key}|${number}` };
    });
  }
  function lines(rows, drawing) {
    const kept = stretched(rows.filter((row) => row.unit === unitOf(rows)), QUARTER_DAYS);
    const unit = unitOf(rows);
    const panel = (part, height, title) => ({ data: data(part), height, title: CS.unlike(title) || undefined, layer: [
      { mark: { type: "line", strokeWidth: 2 }, encoding: { detail: { field: "stretch" }, color: colour(part) } },
      { mark: { type: "point", filled: true, size: 55, opacity: 1 }, encoding: { color: colour(part), tooltip } },
      ...intervals(part, colour(part), { strokeWidth: 2, opacity: 0.5 }),
      ...(inRange(part) ? [article()] : []), ...breaks(part), ...drawing.rules.map((one) => rule(one.value)) ],
      encoding: { x: xTime(drawing.panels ? kept : part), y: { field: "value", type: "quantitative", scale: { zero: false }, axis: axisOf(unit) } } });
    const keys = distinct(kept.map((row) => row.key));
    const spec = drawing.panels && keys.length > 1 ? { resolve: { scale: { x: "shared", color: "independent" } }, vconcat: keys.map((key) => { const part = kept.filter((row) => row.key === key); return panel(part, 150, part[0].name); }) } : panel(kept, 290, null);
    return { spec, seen: [...keys.map((key) => { const last = newest(kept.filter((row) => row.key === key)); return last ? `${last.name}: ${last.shown} (${last.label ? CS.series(last.label) : last.t})` : ""; }), ...rulesSaid(drawing, unit)] };
  }
  /** A mark with words where a series goes over to another definition. */
  function breaks(rows) {
    const starts = distinct(rows.filter((row) => row.definition).map((row) => `${row.key}|${row.definition}`)).map((pair) => rows.filter((row) => `${row.key}|${row.definition}` === pair).reduce((first, row) => (row.t < first.t ? row : first)));
    const later = starts.filter((row) => starts.some((one) => one.key === row.key && one.t < row.t));
    if (!later.length) return [];
    // One text a day, each a line lower than the one before: breaks of several series lie close together.
    const values = distinct(later.map((row) => row.t)).sort().map((at, place) => ({ at, place, text: CS.written(`${label("definition_break")}: ${distinct(later.filter((row) => row.t === at).map((row) => CS.series(row.definition))).join(CS.lang === "zh" ? "、" : ", ")}`) }));
    const x = { field: "at", type: "temporal", scale: { type: "utc" } };
    return [{ data: { values }, mark: { type: "rule", strokeDash: [1, 2] }, encoding: { x, y: { value: 0 }, y2: { value: "height" } } },
      ...values.map((one) => ({ data: { values: [one] }, mark: { type: "text", align: "right", dx: -4, fontSize: 10 }, encoding: { x, y: { value: 8 + 12 * (one.place % 6) }, text: { field: "text" } } }))];
  }

  const middle = (list) => { const sorted = [...list].sort((a, b) => a - b); const half = sorted.length >> 1; return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2; };
  /** The trailing median of a series over so many days, as claim_tests/gap.py takes it. */
  function medians(rows, days) {
    return rows.filter((row) => !row.later).map((row, _, all) => {
      const end = CS.dayNumber(row.t);
      const within = all.filter((one) => one.key === row.key && CS.dayNumber(one.t) <= end && CS.dayNumber(one.t) > end - days);
      return { ...row, median: middle(within.map((one) => one.value)) };
    });
  }
  function lead(rows, drawing) {
    // A series somebody filtered is drawn lighter, and is in no median and no sentence.
    const full = (row) => !row.filtered;
    const boards = distinct(rows.map((row) => row.key));
    const led = rows.map((row) => { const leader = row.value > 0 ? "openai" : row.label || "?"; return { ...row, leader, first: CS.series(leader) }; });
    const alone = boards.length === 1 && led.some((row) => ORGANISATIONS[row.leader]);
    const byLeader = () => colour(led, "first", distinct(led.map((row) => row.leader)).map((name) => [CS.series(name), name]));
    const paint = alone ? byLeader() : colour(led);
    const layers = [
      ...intervals(led.filter((row) => row.filtered), paint, { opacity: 0.08 }),
      ...intervals(led.filter(full), paint, { opacity: 0.35 }),
      { mark: { type: "point", filled: true, size: 34 }, encoding: { color: paint, tooltip, opacity: { condition: { test: "datum.filtered", value: 0.25 }, value: 0.75 } } },
    ];
    const said = [];
    if (drawing.median_days) {
      const points = stretched(medians(led.filter(full), drawing.median_days), drawing.median_days);
      layers.push({ data: data(points), mark: { type: "line", strokeWidth: 2.5 }, encoding: { x: xTime(led), y: { field: "median", type: "quantitative" }, detail: { field: "stretch" }, color: alone ? { value: PALETTE[0] } : colour(led) } });
      for (const board of boards) {
        const own = points.filter((row) => row.key === board);
        const last = newest(own);
        const inWindow = own.filter((row) => row.t >= drawing.window[0] && row.t <= drawing.window[1]).map((row) => row.value);
        if (last) said.push(`${last.name}: ${drawing.median_days}${label("median_line")} ${amount(last.median, last.unit)} (${last.t})${inWindow.length ? `; ${label("window_median")} ${amount(middle(inWindow), last.unit)}` : ""}`);
      }
    } else {
      for (const board of boards) { const last = newest(led.filter((row) => row.key === board && full(row))); if (last) said.push(`${last.name}: ${last.shown} (${last.t})`); }
    }
    if (led.some((row) => row.filtered)) said.push(label("filtered_series"));
    return { spec: { data: data(led), height: 300, layer: [...layers, ...drawing.rules.map((one) => rule(one.value)), ...(inRange(led) ? [article()] : [])], encoding: { x: xTime(led), y: { field: "value", type: "quantitative", axis: axisOf(unitOf(led)) } } }, seen: said };
  }

  function days(rows, drawing) {
    const unit = unitOf(rows);
    return { spec: { data: data(rows), height: 280, layer: [...intervals(rows, colour(rows), { opacity: 0.3 }), { mark: { type: "point", filled: true, size: 40 }, encoding: { color: colour(rows), tooltip } }, ...drawing.rules.map((one) => rule(one.value)), ...(inRange(rows) ? [article()] : [])], encoding: { x: xTime(rows), y: { field: "value", type: "quantitative", axis: axisOf(unit) } } }, seen: distinct(rows.map((row) => row.key)).map((key) => { const last = newest(rows.filter((row) => row.key === key)); return last ? `${last.name}: ${last.shown} (${last.t})` : ""; }) };
  }

  function timeline(rows, drawing) {
    const order = drawing.series.length ? drawing.series : distinct(rows.map((row) => row.key));
    const names = order.map(CS.series);
    const said = order.map((key) => [CS.series(key), rows.filter((row) => row.key === key && !row.later).length]).filter(([, count]) => count).map(([name, count]) => `${name} ${count}`);
    const domain = distinct(names.filter((name) => rows.some((row) => row.name === name)));
    const spec = { data: data(rows), height: Math.max(70, 46 * domain.length), layer: [
      { mark: { type: "point", filled: true, size: 120, opacity: 0.85 }, encoding: { color: colour(rows), shape: { field: "tier", type: "nominal", scale: { domain: ["1", "2", "3"], range: ["circle", "square", "triangle-up"] }, legend: { title: label("tier_short"), orient: "bottom" } }, tooltip: [{ field: "said", type: "nominal", title: label("statement") }, ...tooltip.filter((one) => one.field !== "shown")] } },
      ...(inRange(rows) ? [article()] : []) ],
      encoding: { x: xTime(rows), y: { field: "name", type: "nominal", sort: domain, axis: { title: null, labelLimit: 160 } } } };
    spec.layer[0].encoding.color.legend = null;
    const counted = label("statements_counted").replace("{}", String(rows.filter((row) => !row.later).length)).replace("{kinds}", String(said.length));
    return { spec, seen: said.length > 6 ? [counted] : said, list: rows.length <= 24 ? rows : null };
  }
  function signals(rows, drawing) {
    const made = timeline(rows.map((row) => ({ ...row, on: row.value > 0 ? label("signal_on") : label("signal_off") })), drawing);
    made.spec.layer[0].encoding.color = { condition: { test: "datum.later", value: GREY }, field: "on", type: "nominal", scale: { domain: [label("signal_on"), label("signal_off")], range: [RULE, PALETTE[2]] }, legend: { title: null, orient: "top" } };
    made.seen = drawing.series.map((key) => { const last = newest(rows.filter((row) => row.key === key)); return last ? `${last.name}: ${last.value > 0 ? label("signal_on") : label("signal_off")}` : ""; });
    return made;
  }

  function ratio(rows, drawing) {
    const of = (series) => rows.filter((row) => row.key === series && !row.later).pop();
    const pairs = ["", "_on_sale"].map((kind) => [of(`numerator${kind}`), of(`denominator${kind}`)]).filter(([above, below]) => above && below && below.value > 0);
    if (!pairs.length) return null;
    const values = pairs.map(([above, below]) => ({ pair: `${above.named} / ${below.named}`, value: above.value / below.value, shown: amount(above.value / below.value, "times") }));
    return { spec: { data: { values }, height: 60 * values.length, layer: [{ mark: { type: "bar", color: PALETTE[0], size: 26 }, encoding: { tooltip: [{ field: "pair", type: "nominal" }, { field: "shown", type: "nominal" }] } }, { mark: { type: "text", align: "left", dx: 5 }, encoding: { text: { field: "shown" } } }, ...drawing.rules.map((one) => rule(one.value, false))], encoding: { y: { field: "pair", type: "nominal", sort: null, axis: { title: null, labelLimit: 200 } }, x: { field: "value", type: "quantitative", axis: axisOf("times") } } }, seen: [...values.map((one) => `${one.pair}: ${one.shown}`), ...rulesSaid(drawing, "times")] };
  }

  function guides(rows, drawing) {
    const unit = unitOf(rows);
    const kept = rows.filter((row) => row.unit === unit);
    const outcome = kept.filter((row) => row.actual !== null && row.actual !== undefined);
    const when = outcome.length ? "t" : "said_on";
    const values = kept.map((row) => ({ ...row, said_on: row.known.slice(0, 10), bound: CS.term("concepts", row.label || row.bound || "") }));
    const x = xTime(values, when, outcome.length ? label("period") : label("known_at"));
    const layer = [
      ...intervals(values, colour(values), { strokeWidth: 3, opacity: 0.45 }),
      { mark: { type: "point", filled: true, size: 80 }, encoding: { color: colour(values), tooltip } },
      { mark: { type: "text", dy: -12, fontSize: 10.5 }, encoding: { text: { field: "bound", type: "nominal" } } },
      ...(outcome.length ? [{ data: { values: outcome.map((row) => ({ ...row, shown: amount(row.actual, unit) })) }, mark: { type: "point", shape: "cross", size: 110, strokeWidth: 2, color: RULE, filled: true }, encoding: { x, y: { field: "actual", type: "quantitative" }, tooltip } }] : []),
      ...drawing.rules.map((one) => rule(one.value)) ];
    const last = newest(values);
    return { spec: { data: { values }, height: 280, layer, encoding: { x, y: { field: "value", type: "quantitative", scale: { zero: false }, axis: axisOf(unit) } } }, seen: [last ? `${label("newest_is")}: ${last.known.slice(0, 10)} ${last.bound} ${last.shown}` : "", outcome.length ? `✚ ${label("actual_spent")}` : "", ...rulesSaid(drawing, unit)] };
  }

  function against(rows) {
    const sums = new Map();
    for (const row of rows.filter((one) => !one.later)) {
      const [, side, year] = /^(guided|actual)_(.+)$/.exec(row.key) || [null, row.key, ""];
      const key = `${side}|${year}`;
      sums.set(key, (sums.get(key) || 0) + row.value);
    }
    if (!sums.size) return null;
    const unit = unitOf(rows);
    const values = [...sums].map(([key, value]) => { const [side, year] = key.split("|"); return { side: label(side === "guided" ? "guided" : "actual_spent"), year, value, shown: amount(value, unit) }; });
    return { spec: { data: { values }, height: 260, layer: [{ mark: "bar", encoding: { color: { field: "side", type: "nominal", scale: { domain: [label("guided"), label("actual_spent")], range: [PALETTE[7], PALETTE[0]] }, legend: { title: null, orient: "top" } }, tooltip: [{ field: "year" }, { field: "side" }, { field: "shown" }] } }, { mark: { type: "text", dy: -7 }, encoding: { text: { field: "shown" } } }], encoding: { x: { field: "year", type: "nominal", axis: { title: null, labelAngle: 0 } }, xOffset: { field: "side", sort: [label("guided"), label("actual_spent")] }, y: { field: "value", type: "quantitative", axis: axisOf(unit) } } }, seen: values.map((one) => `${one.year} ${one.side}: ${one.shown}`) };
  }

  function shares(rows) {
    const unit = unitOf(rows);
    // Of a stake told again only the newest telling: an older one would lie under it.
    const newestOf = new Map(rows.filter((row) => row.unit === unit).map((row) => [`${row.key}|${row.label}|${row.later}`, row]));
    const values = [...newestOf.values()].map((row) => ({ ...row, what: CS.words().concepts[row.label] || row.said || row.label })).sort((a, b) => b.value - a.value);
    const order = distinct(values.map((row) => row.what));
    return { spec: { data: { values }, height: 34 * order.length, layer: [{ mark: { type: "bar", size: 22 }, encoding: { color: colour(values), tooltip } }, { mark: { type: "text", align: "left", dx: 5 }, encoding: { text: { field: "short" } } }], encoding: { y: { field: "what", type: "nominal", sort: order, axis: { title: null, labelLimit: 230 } }, x: { field: "value", type: "quantitative", axis: axisOf(unit) } } }, seen: values.filter((row) => !row.later).map((row) => `${row.name}: ${row.what} ${row.shown}`) };
  }

  function spans(rows) {
    const values = rows.map((row) => ({ ...row, of: (CS.words().units[row.unit] || row.unit).replace("{}", "").trim(), low: row.low ?? row.value, high: row.high ?? row.value }));
    return { spec: { data: { values }, height: 260, layer: [{ mark: { type: "bar", size: 22 }, encoding: { color: { condition: { test: "datum.later", value: GREY }, field: "of", type: "nominal", scale: { range: PALETTE }, legend: { title: null, orient: "top", labelLimit: 300 } }, tooltip } }], encoding: { x: { field: "label", type: "nominal", sort: null, axis: { title: null, labelAngle: 0 } }, y: { field: "low", type: "quantitative", scale: { domain: [0, 100] }, axis: axisOf("pct") }, y2: { field: "high" } } }, seen: values.filter((row) => !row.later).map((row) => `${row.label}: ${(CS.words().units[row.unit] || `{} ${row.unit}`).replace("{}", `${plain(row.low)}–${plain(row.high)}`)}`) };
  }

  /** Where each line began and where it stands; of many lines the cheapest, the middle and the dearest by their newest value. */
  function fromTo(rows) {
    const own = distinct(rows.map((row) => row.key)).map((key) => rows.filter((row) => row.key === key && !row.later)).filter((list) => list.length);
    const ends = own.map((list) => [list[0], list[list.length - 1]]).sort((a, b) => a[1].value - b[1].value);
    const few = ends.length <= 4 ? ends : [ends[0], ends[ends.length >> 1], ends[ends.length - 1]];
    const told = few.map(([first, last]) => (first === last ? `${last.name}: ${last.shown} (${last.t})` : `${last.name}: ${first.short} (${first.t}) → ${last.shown} (${last.t})`));
    return few === ends ? told : [label("of_many_lines").replace("{}", String(ends.length)), ...told];
  }

  function steps(rows, drawing) {
    const made = days(rows, drawing);
    made.spec.layer.unshift({ mark: { type: "line", interpolate: "step-after", strokeWidth: 1.5, opacity: 0.7 }, encoding: { color: colour(rows) } });
    made.spec.encoding.y.scale = { type: "log" };
    const lines = distinct(rows.map((row) => row.key)).length;
    made.seen = fromTo(rows);
    made.spec.layer[1].encoding.color.legend = made.spec.layer[0].encoding.color.legend = lines > 16 ? null : { title: null, orient: "top", columns: lines > 8 ? 7 : 2, labelLimit: 280 };
    return made;
  }

  /** A figure that holds until the next one. */
  function held(rows, drawing) {
    const made = days(rows, drawing);
    made.spec.layer.unshift({ mark: { type: "line", interpolate: "step-after", strokeWidth: 1.5 }, encoding: { color: colour(rows) } });
    return made;
  }
  const any = (rows, drawing) => (rows.every((row) => row.unit === "count") ? timeline(rows, drawing) : lines(rows, drawing));
  return { bars, lines, lead, days, timeline, signals, ratio, guides, against, shares, spans, steps, held, any, RULE, GREY, PALETTE };
})();
