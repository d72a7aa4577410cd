"use strict";
// The page of one claim on the chosen day: words, strip of its history, charts, evidence, and what may be taken away.
(() => {
  const { make, label } = CS;
  const byId = (id) => document.getElementById(id);
  const claim = CS.page.page;
  const content = CS.get(claim);
  const told = CS.rows(claim, "told");
  const evidence = CS.rows(claim, "evidence");
  const language = (row, field) => row[`${field}_${CS.lang}`];
  const reads = CS.wordsOf(claim, "evidence");
  const COLUMNS = ["series", "label", "said", "observed_on", "value", "first_value", "low", "high", "known_at", "source", "tier", "document", "source_url", "evidence"];

  /** What the same number was when it was first known, where it was told otherwise since. */
  const numberOf = (row) => [row.series, row.label, row.observed_on].join("\u001f");
  const firsts = new Map();
  for (const row of [...evidence].sort((a, b) => (a.from_on < b.from_on ? -1 : 1))) if (!firsts.has(numberOf(row))) firsts.set(numberOf(row), row.value);
  const firstPrint = (row) => (firsts.get(numberOf(row)) === row.value ? null : firsts.get(numberOf(row)));
  const withWords = (row) => ({ ...row, first_value: firstPrint(row), said: content.said[row.label] ? CS.pick(content.said[row.label]) : "" });
  /** The short name of a row in the reader's words; what is taken away keeps it. */
  const named = (row) => (content.names[row.label] ? { ...row, label: CS.pick(content.names[row.label]) } : row);
  const evidenceOn = (day) => evidence.filter((row) => CS.standsOn(row, day)).sort((a, b) => ((a.observed_on || "") < (b.observed_on || "") ? 1 : -1)).map(withWords);

  function words(day) {
    const row = CS.before(told, day);
    const verdict = CS.verdictOn(claim, day);
    byId("detail").textContent = row ? language(row, "detail") : label("not_yet");
    byId("last-decided").replaceChildren(...lastDecided(day, verdict));
    byId("flips-at").textContent = row ? language(row, "flips") : "";
    const flags = verdict && verdict.flags ? verdict.flags.split(" ") : [];
    byId("flags").replaceChildren(...flags.map((flag) => make("li", {}, make("b", {}, CS.term("flags", flag)), `${label("colon")}${CS.words().meanings[flag] || ""}`)));
  }

  /** Where the day decides nothing though an earlier one did: what was decided last, until when, and on what. */
  function lastDecided(day, verdict) {
    if (!verdict || verdict.verdict !== "undetermined") return [];
    const run = CS.stretches(claim).filter((one) => one.from <= day && ["supported", "refuted", "mixed"].includes(one.verdict)).pop();
    if (!run) return [];
    const row = CS.ledger(claim).filter((one) => one.as_of >= run.from && one.as_of < run.to).pop();
    return [`${label("last_decided").trim()}${CS.lang === "zh" ? "" : " "}${run.from} – ${run.to}${label("colon")}`, CS.badge(run.verdict), ` ${CS.amount(row.statistic, row.statistic_unit)}`];
  }

  /** The document and the two values that turned the verdict on a day, as the alert and the feed say it. */
  const whyOn = (day) => (content.why[day] ? CS.pick(content.why[day]) : "");
  const causeOn = (day) => { const row = told.find((one) => one.as_of === day); return row ? CS.term("causes", row.cause) : ""; };

  function strip(day) {
    const runs = CS.stretches(claim);
    const [first, last] = [CS.dayNumber(runs.length ? runs[0].from : CS.FIRST), CS.dayNumber(CS.newest())];
    const span = Math.max(1, last - first);
    const current = CS.stretchOn(claim, day);
    const shown = runs.filter((run) => run.from <= day || CS.hindsight());
    const parts = shown.map((run) => {
      const later = run.from > day;
      const until = run.to && (run.to <= day || CS.hindsight()) ? run.to : "";
      const [from, to] = [CS.dayNumber(run.from), until ? CS.dayNumber(until) : CS.hindsight() ? last : CS.dayNumber(day)];
      const words = `${run.from} – ${until || (CS.hindsight() ? label("newest") : day)}${label("colon")}${CS.term("verdicts", run.verdict)}${CS.lang === "zh" ? "。" : ". "}${causeOn(run.from)} ${whyOn(run.from)}`;
      const part = make("button", { type: "button", class: `part ${later ? "later" : run.verdict}`, style: `flex:${Math.max(0.6, (100 * (to - from)) / span)} 1 0`, title: words, "aria-label": words, "aria-current": current && run.from === current.from ? "true" : null }, CS.MARKS[run.verdict]);
      part.addEventListener("click", () => CS.goTo(run.from < CS.FIRST ? CS.FIRST : run.from));
      return part;
    });
    // What came after the day is not known on it: its place stays empty, unless the reader asks for it in grey.
    if (!CS.hindsight()) parts.push(make("span", { style: `flex:${(100 * Math.max(0, last - CS.dayNumber(day))) / span} 1 0` }));
    const keep = [...byId("strip").children].indexOf(document.activeElement);
    byId("strip").replaceChildren(...parts);
    if (keep >= 0 && parts[keep]) parts[keep].focus();
    const flips = runs.filter((run) => run.from <= day).reverse().map((run) => make("li", {}, `${run.from} `, CS.badge(run.verdict), ` ${causeOn(run.from)}`, make("span", { class: "soft" }, ` ${whyOn(run.from)}`)));
    byId("flips").replaceChildren(flips.length > 8 ? make("details", {}, make("summary", {}, `${label("flips")} (${flips.length})`), make("ul", { class: "claims" }, flips)) : make("ul", { class: "claims" }, flips));
  }

  const figures = content.charts.map(() => make("figure", { class: "chart" }, make("figcaption"), make("div", { class: "drawing" })));
  byId("drawings").append(...figures);

  /** The statistic on every day it changed, with its interval and the values at which the verdict turns. */
  function throughTime(day) {
    const rows = CS.ledger(claim).filter((row) => row.statistic !== null);
    const unit = rows.length ? rows[rows.length - 1].statistic_unit : "";
    const shaped = rows.filter((row) => row.statistic_unit === unit).map((row) => ({ series: "statistic", observed_on: row.as_of, value: row.statistic, low: row.low, high: row.high, unit, label: CS.term("verdicts", row.verdict), known_at: row.as_of, from_on: row.as_of }));
    const section = byId("through-time").closest("section");
    section.hidden = shaped.length < 3;
    if (!section.hidden) CS.draw(byId("through-time"), { form: "held", series: [], rules: content.thresholds.map((value) => ({ value, name: "threshold" })), panels: false }, shaped, day);
  }

  function awaits() {
    const found = CS.night().awaits.filter((one) => one.claim === claim);
    byId("awaits").replaceChildren(make("ul", { class: "claims" }, found.map((one) => make("li", {}, one.due ? `${label("due")} ${one.due} ` : "", one.overdue ? make("b", { class: "late" }, `${label("overdue_short")} `) : "", CS.pick(one.what)))));
  }

  function variants() {
    const row = (one) => make("tr", {}, make("th", { scope: "row" }, CS.series(one.name || one.variant)), make("td", {}, CS.badge(one.verdict)), make("td", {}, CS.amount(one.statistic, one.unit)), make("td", {}, String(one.n)));
    const heads = ["source", "verdict", "statistic", "sample"].map((name) => make("th", { scope: "col" }, label(name)));
    byId("variants").replaceChildren(content.variants.length ? make("div", { class: "scroll", tabindex: "0" }, make("table", {}, make("thead", {}, make("tr", {}, heads)), make("tbody", {}, content.variants.map(row)))) : make("p", {}, "–"));
  }

  function disagreeing(day) {
    const rows = CS.rows(claim, "disagreeing").filter((row) => CS.standsOn(row, day));
    if (!rows.length) { byId("disagreeing").replaceChildren(make("p", {}, label("none_disagree"))); return; }
    CS.table(byId("disagreeing"), ["company", "metric", "fiscal_period", "chosen_value", "chosen_source", "other_value", "other_source", "chosen_because", "source_url"], rows, CS.wordsOf(claim, "disagreeing"));
  }

  CS.onDay((day) => {
    words(day);
    strip(day);
    throughTime(day);
    const rows = evidenceOn(day);
    // A statement's own words stand for the short name of it.
    const worded = rows.length && rows.every((row) => row.said);
    const used = COLUMNS.filter((name) => (name === "source_url" || rows.some((row) => row[name] !== null && row[name] !== "")) && !(worded && (name === "label" || name === "value")));
    CS.table(byId("evidence"), rows.length ? used : COLUMNS.slice(0, 5), rows.map(named), reads);
    disagreeing(day);
    figures.forEach((figure, place) => CS.draw(figure, content.charts[place], evidence, day, content.said, content.names));
  });
  document.addEventListener("DOMContentLoaded", () => { awaits(); variants(); });

  const name = () => `capex-signals-${claim}-${CS.day()}`;
  const done = (words) => { byId("taken").textContent = words; };
  const heading = () => document.querySelector("h1").textContent;
  const address = () => location.href;

  function markdown() {
    const day = CS.day();
    const verdict = CS.verdictOn(claim, day);
    const clean = (value) => String(value).replaceAll(/[\\`*_[\]<>#|~]/g, (sign) => `\\${sign}`);
    const rows = evidenceOn(day).slice(0, 50);
    const note = (row, place) => `[^${place + 1}]: ${clean(reads("source", row.source) ?? row.source)}${row.document ? `, ${clean(reads("document", row.document) ?? row.document)}` : ""}${/^https?:/.test(row.source_url || "") ? `, <${row.source_url}>${CS.moving(row, reads) ? ` (${clean(CS.moving(row, reads))})` : ""}` : `, ${label("no_address")}`}; ${label("known_at")} ${row.known_at}; ${clean(row.evidence)}`;
    const line = (row, place) => `| ${clean(CS.series(row.series))} | ${clean(row.said || named(row).label || "")} | ${row.observed_on || ""} | ${CS.amount(row.value, row.unit)}[^${place + 1}] |`;
    return [
      `# ${heading()}`, "", `> ${document.querySelector("blockquote").textContent}`, "",
      `**${verdict ? CS.term("verdicts", verdict.verdict) : label("not_yet")}** (${label("as_of")} ${day}${verdict ? `; ${label("statistic")} ${CS.amount(verdict.statistic, verdict.statistic_unit)}; n ${verdict.n} / ${verdict.minimum_n}` : ""})`, "",
      byId("detail").textContent, "", `| ${["series", "label", "observed_on", "value"].map(label).join(" | ")} |`, "| --- | --- | --- | --- |",
      ...rows.map(line), "", ...rows.map(note), "", address(), "",
    ].join("\n");
  }
  byId("take-markdown").addEventListener("click", () => CS.save(`${name()}.md`, "text/markdown", markdown()));
  byId("take-csv").addEventListener("click", () => CS.save(`${name()}.csv`, "text/csv", CS.csv(["series", "label", "observed_on", "value", "low", "high", "unit", "known_at", "source", "tier", "document", "source_url", "evidence"], evidenceOn(CS.day()))));
  byId("take-png").addEventListener("click", async () => {
    const picture = await CS.picture(figures[0], heading(), [`${label("as_known_on")} ${CS.day()}`, ...new Set(evidenceOn(CS.day()).slice(0, 6).map((row) => `${reads("source", row.source) ?? row.source}${label("colon")}${reads("document", row.document) ?? ""} ${row.source_url || label("no_address")}`)), label("footnote")]);
    if (picture) CS.save(`${name()}.png`, "image/png", picture);
    else done(label("no_chart"));
  });
  byId("take-link").addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(address()); done(`${label("copied")}: ${address()}`); } catch { done(address()); }
  });
})();
