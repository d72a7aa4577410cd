"use strict";
// A page of data: facets choose one value at a time, the chart and the table follow them and the chosen day.
(() => {
  const { make, label } = CS;
  const byId = (id) => document.getElementById(id);
  const page = JSON.parse(byId("page-says").textContent);
  const ALL = "*";

  const all = CS.rows(page.id, "rows").map((row) => ({ ...row, statement: CS.lang === "zh" ? row.statement_zh : row.statement_en }));
  const said = CS.wordsOf(page.id, "rows");
  const facetWords = (facet, value) => (facet === "unit" ? CS.words().units[value]?.replace("{}", "").trim() || value : said(facet, value) ?? value);

  /** Facets as they are asked for in the address, else first declared, else all or the first there is. */
  function chosen() {
    const found = {};
    let rows = all;
    for (const facet of page.facets) {
      const values = [...new Set(rows.map((row) => row[facet]).filter((value) => value !== null))].sort();
      const asked = CS.asked().get(facet);
      const value = [asked, page.first[facet], page.many.includes(facet) ? ALL : values[0]].find((one) => one === ALL || values.includes(one));
      found[facet] = { value, values };
      if (value !== undefined && value !== ALL) rows = rows.filter((row) => row[facet] === value);
    }
    return [found, rows];
  }

  function controls(found) {
    byId("facets").replaceChildren(...page.facets.map((facet) => {
      const { value, values } = found[facet];
      const select = make("select", { "data-facet": facet }, page.many.includes(facet) ? make("option", { value: ALL }, label("all")) : "", values.map((one) => make("option", { value: one }, facetWords(facet, one))));
      select.value = value;
      select.addEventListener("change", () => {
        CS.choose({ [facet]: select.value });
        document.querySelector(`[data-facet="${facet}"]`).focus();
      });
      return make("label", {}, `${CS.head(facet)} `, select);
    }));
  }

  /** What was not known on the day stays blank, also in a row that is shown. */
  function asKnown(rows, day) {
    const late = Object.entries(page.until_known);
    return rows.map((row) => { const made = { ...row }; for (const [column, since] of late) { if (row[since] && row[since].slice(0, 10) > day) made[column] = null; } return made; });
  }

  let shown = [];
  let columns = [];
  CS.onDay((day) => {
    const [found, rows] = chosen();
    controls(found);
    shown = asKnown(rows.filter((row) => CS.standsOn(row, day)), day);
    const known = Object.keys(all[0] || {}).filter((name) => !["from_on", "until_on", "statement_zh", "statement_en"].includes(name) && !page.hidden.includes(name));
    const listed = page.columns.filter((name) => known.includes(name));
    columns = [...listed, ...known.filter((name) => !listed.includes(name) && (name !== "statement" || page.columns.length === 0) && !page.columns.includes(name))];
    const empty = new Set(columns.filter((name) => name !== "source_url" && shown.every((row) => row[name] === null || row[name] === undefined || row[name] === "")));
    // What is the same in every row for it was chosen, and units that stand beside each number, only take room.
    const idle = new Set([...empty, ...page.facets.filter((facet) => found[facet].value !== ALL), "unit", "statistic_unit", "miss_unit"]);
    CS.table(byId("rows"), shown.length ? columns.filter((name) => !idle.has(name)) : columns, shown, said);
    if (page.form) CS.draw(byId("drawn"), { form: page.form, series: [], rules: page.form === "lead" ? [{ value: 0, name: "level_pegging" }] : [], panels: false, median_days: page.form === "lead" ? 90 : 0, window: ["2023-07-01", "2024-06-30"] }, asKnown(rows, day), day, CS.get(page.id).said || {}, {}, said);
  });

  byId("take-csv").addEventListener("click", () => CS.save(`capex-signals-${page.id}-${CS.day()}.csv`, "text/csv", CS.csv(columns, shown)));
  byId("take-png")?.addEventListener("click", async () => {
    const picture = await CS.picture(byId("drawn"), document.querySelector("h1").textContent, [`${label("as_known_on")} ${CS.day()}`, label("footnote")]);
    if (picture) CS.save(`capex-signals-${page.id}-${CS.day()}.png`, "image/png", picture);
  });
})();
