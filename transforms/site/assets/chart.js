"use strict";
// Charts: rows of the chosen day into a form, drawn by Vega in the colours of the page, with words beside it.
(() => {
  const { make, label } = CS;

  /** Vega looks names up among what every object has: `toString` is no such name with a space behind it. */
  CS.unlike = (text) => (text && text in {} ? `${text} ` : text);

  /** A row as the forms read it; `later` is what the chosen day did not know yet. */
  const shaped = (row, said, names, later, reads) => ({
    key: row.series, name: CS.unlike(reads("series", row.series) ?? CS.series(row.series)), t: row.observed_on, value: row.value, low: row.low, high: row.high, unit: row.unit || "",
    label: CS.unlike(row.label) || "", named: CS.unlike(names[row.label] ? CS.pick(names[row.label]) : reads("label", row.label) ?? CS.series(row.label)) || "", said: said[row.label] ? CS.pick(said[row.label]) : "", known: row.known_at || "", source: row.source ? CS.sources(row.source) : "", filtered: row.filtered === true,
    tier: String(row.tier || ""), shown: CS.amount(row.value, row.unit || ""), short: short(row), later, definition: row.definition || "",
    actual: row.actual, bound: row.bound,
  });
  const short = (row) => (row.unit === "USD" ? (CS.lang === "zh" ? CS.plain(row.value / 1e8, 0) : CS.plain(row.value / 1e9)) : CS.plain(row.value));

  /** The rows that stand on the day, and in hindsight those that became known later and still stand. */
  CS.rowsOn = (rows, day) => {
    const now = rows.filter((row) => CS.standsOn(row, day));
    const later = CS.hindsight() ? rows.filter((row) => row.from_on > day && !row.until_on) : [];
    return [now, later];
  };

  function config() {
    const style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue(name).trim();
    const [ink, soft, line] = ["--ink", "--soft", "--line"].map(value);
    return {
      background: "transparent", font: "system-ui, sans-serif", view: { stroke: null }, text: { color: ink }, rule: { color: soft },
      axis: { labelColor: soft, titleColor: soft, domainColor: line, tickColor: line, gridColor: line, labelFontSize: 11, titleFontSize: 11, titleFontWeight: "normal" },
      legend: { labelColor: ink, titleColor: soft, labelFontSize: 11 }, title: { color: ink, fontSize: 12, fontWeight: "normal", anchor: "start" },
    };
  }

  const drawn = new Map();
  /** Draw rows by a drawing {form, series, rules, panels} into a figure; words say what is seen, or that there is nothing. */
  CS.draw = async (figure, drawing, rows, day, said = {}, names = {}, reads = () => undefined) => {
    const wanted = new Set(drawing.series);
    const usable = (row) => row.observed_on && Number.isFinite(row.value) && (!wanted.size || wanted.has(row.series));
    const [now, later] = CS.rowsOn(rows, day).map((list) => list.filter(usable));
    const shapes = [...now.map((row) => shaped(row, said, names, false, reads)), ...later.map((row) => shaped(row, said, names, true, reads))].sort((a, b) => (a.t < b.t ? -1 : a.t > b.t ? 1 : 0));
    const made = shapes.length ? CS.forms[drawing.form](shapes, drawing) : null;
    const caption = figure.querySelector("figcaption");
    const place = figure.querySelector(".drawing");
    figure.querySelector(".statements")?.remove();
    if (!made) {
      drop(figure);
      place.replaceChildren();
      caption.textContent = label("no_chart");
      return;
    }
    const seen = made.seen.filter(Boolean).map(CS.written);
    sayWhatIsSeen(caption, seen);
    if (made.list) figure.append(figure.dataset.chart ? make("details", { class: "statements" }, make("summary", {}, label("statement")), statements(made.list)) : statements(made.list));
    await render(figure, place, made.spec, seen.join("; "));
  };

  const MOST_SAID = 4;
  /** A sentence or two in one line, more of them line by line, and beyond that behind a click: nobody reads a wall. */
  function sayWhatIsSeen(caption, seen) {
    const whole = seen.join(CS.lang === "zh" ? "；" : "; ");
    if (seen.length <= 2 || whole.length <= 90) { caption.textContent = whole; return; }
    const line = (text) => make("span", { class: "said" }, text);
    const rest = seen.slice(MOST_SAID);
    caption.replaceChildren(...seen.slice(0, MOST_SAID).map(line), rest.length > 1 ? make("details", {}, make("summary", {}, `+${rest.length}`), rest.map(line)) : rest.map(line)[0] || "");
  }

  function drop(figure) { const view = drawn.get(figure); if (view) view.finalize(); drawn.delete(figure); }

  /** A legend above the chart has as many columns as its longest name leaves room for: it would be cut at the edge. */
  function fitLegends(part, width) {
    for (const [name, value] of Object.entries(part)) {
      if (name === "data" || !value || typeof value !== "object") continue;
      if (name === "legend" && value.orient === "top") {
        const names = (part.scale && part.scale.domain) || [];
        const longest = Math.max(12, ...names.map((one) => one.length));
        const columns = Math.max(1, Math.min(value.columns || names.length || 4, Math.floor((width - 60) / (longest * 7 + 24))));
        Object.assign(value, { columns, labelLimit: Math.floor((width - 60) / columns) - 24 });
      } else fitLegends(value, width);
    }
  }

  async function render(figure, place, spec, words) {
    const width = Math.max(220, place.clientWidth - 8);
    fitLegends(spec, width);
    const sized = spec.vconcat ? { ...spec, vconcat: spec.vconcat.map((part) => ({ ...part, width: width - 70 })) } : { ...spec, width };
    const whole = { $schema: "https://vega.github.io/schema/vega-lite/v6.json", autosize: spec.vconcat ? undefined : { type: "fit-x", contains: "padding" }, description: words, config: config(), ...sized };
    const turn = (figure.turn = (figure.turn || 0) + 1);
    const box = make("div");
    // The interpreter instead of generated code: no page may make code of text.
    const result = await vegaEmbed(box, whole, { ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: { theme: "custom" } });
    if (turn !== figure.turn) { result.finalize(); return; }
    drop(figure);
    place.replaceChildren(box);
    drawn.set(figure, result);
  }

  /** The statements in words: what a timeline's points say, in order, with source and tier. */
  function statements(rows) {
    const line = (row) => make("li", { class: row.later ? "later" : "" }, `${row.t} `, make("b", {}, row.name), ` ${row.said || row.label} `, make("span", { class: "soft" }, CS.written(`(${row.source}, ${label("tier_short")} ${row.tier})`).replace(", ", CS.lang === "zh" ? "，" : ", ")));
    return make("ol", { class: "statements" }, rows.map(line));
  }

  /** A claim's chart, from its own script. */
  CS.chart = (figure, claim, place) => {
    const content = CS.get(claim);
    return CS.draw(figure, content.charts[place], CS.rows(claim, "evidence"), CS.day(), content.said, content.names);
  };

  /** The chart of a figure as a picture with title, words and footnotes. */
  CS.picture = async (figure, title, notes) => {
    const result = drawn.get(figure);
    if (!result) return null;
    const chart = await result.view.toCanvas(2);
    const [pad, line] = [40, 34];
    const lines = [...captionLines(figure).flatMap((text) => wrapped(text, chart.width / 16)), ...notes.flatMap((note) => wrapped(note, chart.width / 16))];
    const canvas = make("canvas", { width: chart.width + 2 * pad, height: chart.height + 3 * pad + line * (lines.length + 2) });
    const pen = canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    pen.fillStyle = style.getPropertyValue("--paper").trim();
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = style.getPropertyValue("--ink").trim();
    pen.font = "bold 32px system-ui, sans-serif";
    pen.fillText(title, pad, pad + line);
    pen.drawImage(chart, pad, pad + 2 * line);
    pen.font = "22px system-ui, sans-serif";
    lines.forEach((text, place) => pen.fillText(text, pad, chart.height + 2 * pad + line * (place + 2)));
    return new Promise((done) => { canvas.toBlob(done, "image/png"); });
  };
  const captionLines = (figure) => { const said = [...figure.querySelectorAll("figcaption .said")]; return said.length ? said.map((one) => one.textContent) : [figure.querySelector("figcaption").textContent]; };
  function wrapped(text, most) {
    const lines = [""];
    for (const word of text.split(/(?<=[\s；。，])/)) { if ((lines[lines.length - 1] + word).length > most) lines.push(""); lines[lines.length - 1] += word; }
    return lines;
  }

  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => CS.paint(), 250); });
})();
