"use strict";
// Tables that sort, filter and page, by DataTables, from rows in memory. Every cell is text or a link to the web, never markup.
(() => {
  const { make, label } = CS;
  const head = (name) => CS.words().columns[name] || CS.words().labels[name] || CS.words().concepts[name] || name.replaceAll("_", " ");
  const TERMS = new Set(["metric", "series", "board", "bound", "topic", "status", "definition", "token_kind", "chosen_because", "label", "source", "told_by", "chosen_source", "other_source", "code"]);
  // By these a machine finds a thing; what the program itself wrote is English in both languages.
  const CODE = new Set(["object", "column_name", "type", "listing"]);
  const OWN_WORDS = new Set(["example", "unreachable", "last_reason", "reason"]);
  const IDS = new Set(["evidence", "evidence_id"]);
  const MONEY = new Set(["value", "first_value", "low", "high", "value_before", "change", "chosen_value", "other_value", "chosen_low", "chosen_high", "other_low", "other_high", "actual", "statistic"]);
  // Numbers that stand beside each other are written with as many digits as tell them apart.
  const BESIDE = { __proto__: null, value_before: "value", value: "value_before", first_value: "value", chosen_value: "other_value", other_value: "chosen_value" };
  const UNITS = { statistic: "statistic_unit", miss: "miss_unit" };

  /** An evidence id by the digest in it, as short as it still tells apart; the whole is copied. */
  function identifier(value) {
    const short = (/:([0-9a-f]{12})/.exec(value) || [null, value.slice(0, 12)])[1];
    const button = make("button", { type: "button", class: "copy", title: `${label("copy_id")}${label("colon")}${value}` }, make("code", {}, short));
    button.addEventListener("click", async () => { try { await navigator.clipboard.writeText(value); button.title = label("copied"); } catch { prompt(label("copy_id"), value); } });
    return button;
  }

  /** What a cell shows; the bare value stays what it is sorted by. `said` gives the words of a column's value. */
  function shown(name, row, said) {
    const value = row[name];
    if (name === "source_url" && !value && row.publisher) return "";
    if (name === "source_url" && !value) return make("span", { class: "soft" }, label("no_address"));
    if (value === null || value === undefined || value === "") return "";
    if (name === "source_url") {
      const today = CS.moving(row, said);
      return today ? make("span", {}, CS.link(value, CS.host(value)), make("span", { class: "soft today" }, ` ${today}`)) : CS.link(value, CS.host(value));
    }
    // Of the cheapest model the price book tells who said so, since when and where.
    if (name === "model" && row.quality_floor !== undefined) return CS.local(`prices.html?model=${encodeURIComponent(value)}`, said(name, value) ?? value);
    if (name === "claim_id") return CS.local(`${value}.html`, value);
    if (IDS.has(name)) return identifier(value);
    if (CODE.has(name)) return make("code", {}, value);
    const told = said(name, value);
    if (told !== undefined) return told;
    if (OWN_WORDS.has(name)) return make("code", { lang: "en" }, value);
    if (TERMS.has(name)) return CS.series(value);
    if (typeof value === "boolean") return value ? "✓" : "";
    if (name === "change_pct") return CS.apart(value, 0, "pct");
    const other = row[BESIDE[name]] ?? (name === "value" ? row.first_value : undefined);
    if (Number.isFinite(other) && other !== value) return CS.apart(value, other, row.unit || "");
    if (MONEY.has(name) || name === "miss") return CS.amount(value, row[UNITS[name] || "unit"] || "");
    return typeof value === "number" ? CS.plain(value, 4) : value;
  }

  const words = () => (CS.lang === "zh"
    ? { search: "篩選：", lengthMenu: "每頁 _MENU_ 列", info: "第 _START_ 至 _END_ 列，共 _TOTAL_ 列", infoEmpty: "共 0 列", infoFiltered: "（由 _MAX_ 列篩選）", zeroRecords: "沒有符合的列", emptyTable: "這一天沒有資料", paginate: { first: "«", previous: "‹", next: "›", last: "»" }, aria: { orderable: "：按下以排序", orderableReverse: "：按下以反向排序", orderableRemove: "：按下以取消排序", paginate: { first: "第一頁", previous: "上一頁", next: "下一頁", last: "最後一頁" } } }
    : { search: "Filter:", emptyTable: "Nothing is known on this day" });

  const WHEN = /^\d{4}-\d\d-\d\d/;
  function look(name, rows) {
    const value = (rows.find((row) => row[name] !== null && row[name] !== undefined) || {})[name];
    if (TERMS.has(name)) return "term";
    if (CODE.has(name) || OWN_WORDS.has(name)) return "code";
    if (name === "said" || name === "statement" || name === "meaning") return "words";
    if (name === "source_url" || name === "scale_id" || name === "document" || name === "document_id" || name === "best_openai" || name === "best_other") return "link";
    if (typeof value === "number") return "number";
    return WHEN.test(value || "") && String(value).length <= 16 ? "when" : "";
  }

  const held = new Map();
  /** Show rows in a place; the first call builds the table, later ones change its rows. */
  CS.table = (place, columns, rows, said, order = []) => {
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
        render: (_, kind, row) => (kind === "display" ? cell(shown(name, row, said)) : kind === "filter" ? `${text(shown(name, row, said))}${name === "meaning" ? ` ${row[name]}` : ""}` : row[name] ?? ""),
      })),
    });
    held.set(place, { table, key: columns.join(" ") });
  };
  const text = (content) => (content instanceof Node ? content.textContent : content);
  const cell = (content) => (content instanceof Node ? content : document.createTextNode(String(content)));
  CS.head = head;
})();
