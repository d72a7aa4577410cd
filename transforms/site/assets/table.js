"use strict";
// Tables that sort, filter and page, by DataTables, from rows in memory. Every cell is text or a link to the web, never markup.
(() => {
  const { make, label } = CS;
  const head = (name) => CS.words().columns[name] || CS.words().labels[name] || CS.words().concepts[name] || name.replaceAll("_", " ");
  const NAMED = { verdict: "verdicts", verdict_before: "verdicts", cause: "causes", state: "states", severity: "severities", metric: "concepts", series: "concepts", board: "concepts", bound: "concepts", topic: "concepts", status: "concepts", definition: "concepts", token_kind: "concepts", chosen_because: "concepts" };
  const SOURCES = new Set(["source", "told_by", "chosen_source", "other_source"]);
  const NAMES = new Set(["series", "developer", "leader", "other_developer", "subject", "scale_id", "label"]);
  const MONEY = new Set(["value", "first_value", "low", "high", "value_before", "change", "chosen_value", "other_value", "actual", "statistic"]);
  const UNITS = { statistic: "statistic_unit", miss: "miss_unit" };

  /** What a cell shows; the bare value stays what it is sorted by. */
  function shown(name, row) {
    const value = row[name];
    if (name === "source_url" && !value) return make("span", { class: "soft" }, label("no_address"));
    if (value === null || value === undefined || value === "") return "";
    if (name === "source_url") return CS.link(value, CS.host(value));
    if (name === "claim_id") return CS.local(`${value}.html`, value);
    if (SOURCES.has(name)) return CS.sources(value);
    if (NAMES.has(name)) return CS.series(value);
    if (NAMED[name]) return CS.words()[NAMED[name]][value] || value;
    if (name === "statement" || name === "said") return value;
    if (typeof value === "boolean") return value ? "✓" : "";
    if (MONEY.has(name) || name === "miss") return CS.amount(value, row[UNITS[name] || "unit"] || "");
    return typeof value === "number" ? CS.plain(value, 4) : value;
  }

  const words = () => (CS.lang === "zh"
    ? { search: "篩選：", lengthMenu: "每頁 _MENU_ 列", info: "第 _START_ 至 _END_ 列，共 _TOTAL_ 列", infoEmpty: "共 0 列", infoFiltered: "（由 _MAX_ 列篩選）", zeroRecords: "沒有符合的列", emptyTable: "這一天沒有資料", paginate: { first: "«", previous: "‹", next: "›", last: "»" }, aria: { orderable: "：按下以排序", orderableReverse: "：按下以反向排序", orderableRemove: "：按下以取消排序", paginate: { first: "第一頁", previous: "上一頁", next: "下一頁", last: "最後一頁" } } }
    : { search: "Filter:", emptyTable: "Nothing is known on this day" });

  const WHEN = /^\d{4}-\d\d-\d\d/;
  function look(name, rows) {
    const value = (rows.find((row) => row[name] !== null && row[name] !== undefined) || {})[name];
    if (NAMED[name] === "concepts" || name === "label" || name === "series" || SOURCES.has(name)) return "term";
    if (name === "evidence" || name === "evidence_id") return "code";
    if (name === "said" || name === "statement" || name === "meaning") return "words";
    if (typeof value === "number") return "number";
    return WHEN.test(value || "") && String(value).length <= 16 ? "when" : "";
  }

  const held = new Map();
  /** Show rows in a place; the first call builds the table, later ones change its rows. */
  CS.table = (place, columns, rows, order = []) => {
    const old = held.get(place);
    if (old && old.key === columns.join(" ")) {
      old.table.clear();
      old.table.rows.add(rows);
      old.table.draw();
      return;
    }
    if (old) { old.table.destroy(); place.replaceChildren(); }
    const element = make("table", { class: "display compact" }, make("thead", {}, make("tr", {}, columns.map((name) => make("th", { scope: "col" }, head(name))))));
    place.replaceChildren(make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label("rows") }, element));
    const table = new DataTable(element, {
      data: rows, order, pageLength: 25, deferRender: true, autoWidth: false, language: words(),
      columns: columns.map((name) => ({
        data: null, defaultContent: "", className: look(name, rows),
        render: (_, kind, row) => (kind === "display" ? cell(shown(name, row)) : kind === "filter" ? String(text(shown(name, row))) : row[name] ?? ""),
      })),
    });
    held.set(place, { table, key: columns.join(" ") });
  };
  const text = (content) => (content instanceof Node ? content.textContent : content);
  const cell = (content) => (content instanceof Node ? content : document.createTextNode(String(content)));
  CS.head = head;
})();
