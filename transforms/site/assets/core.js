"use strict";
// What every page shares: the data that scripts hand over, the chosen day, words and numbers as people read them.
const CS = (() => {
  const held = new Map();
  const decoded = new Map();
  const watchers = [];
  const page = document.documentElement.dataset;
  const lang = page.lang;
  const at = lang === "zh" ? 0 : 1;
  const DAY_MS = 86400000;
  const MISSING = "—";
  const MINUS = "\u2212";
  const MARKS = { supported: "✓", refuted: "✕", mixed: "◐", undetermined: "?", not_testable: "–", scenario: "◇" };
  const ARTICLE = "2025-02-25";
  const FIRST = "2023-01-01";

  const isoDay = (days) => new Date(days * DAY_MS).toISOString().slice(0, 10);
  const isoInstant = (minutes) => new Date(minutes * 60000).toISOString().slice(0, 16).replace("T", " ");
  const dayNumber = (iso) => Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY_MS);
  const READ = {
    day: (column) => (value) => (value === null ? null : isoDay(value)),
    instant: (column) => (value) => (value === null ? null : isoInstant(value)),
    flag: () => (value) => (value === null ? null : value === 1),
    text: (column) => (value) => (value === null ? null : column.d[value]),
    number: () => (value) => value,
  };

  /** Rows of a frame that came column by column. */
  function rowsOf(columns) {
    const names = Object.keys(columns || {});
    if (!names.length) return [];
    const readers = names.map((name) => READ[columns[name].k](columns[name]));
    return columns[names[0]].v.map((_, place) => {
      const row = {};
      names.forEach((name, index) => { row[name] = readers[index](columns[name].v[place]); });
      return row;
    });
  }

  function rows(name, part) {
    const key = `${name}/${part}`;
    if (!decoded.has(key)) decoded.set(key, rowsOf(held.has(name) ? held.get(name)[part] : {}));
    return decoded.get(key);
  }

  /** How the values of a column read in this language: column and value to words; undefined where it stands as it is. */
  function wordsOf(name, part) {
    const key = `${name}/${part}/words`;
    if (!decoded.has(key)) {
      const found = new Map();
      for (const [column, one] of Object.entries((held.get(name) || {})[part] || {})) {
        if (one.w) found.set(column, new Map(one.d.map((value, place) => [value, one.w[place] ? one.w[place][at] ?? one.w[place][0] : undefined])));
      }
      const told = (column, value) => found.get(column)?.get(value);
      told.captures = (held.get(name) || {}).captures || {};
      decoded.set(key, told);
    }
    return decoded.get(key);
  }

  /** What a script hands over, looked up by what it holds alone: a feed's "constructor" is a name like any other. */
  function bare(content) {
    if (content === null || typeof content !== "object") return content;
    if (Array.isArray(content)) return typeof content[0] === "object" ? content.map(bare) : content;
    Object.setPrototypeOf(content, null);
    for (const name of Object.keys(content)) bare(content[name]);
    return content;
  }

  const words = () => held.get("words");
  const label = (name) => words().labels[name] || name.replaceAll("_", " ");
  const term = (kind, name) => words()[kind][name] || String(name).replaceAll("_", " ");
  const pick = (both) => both[at];

  /** Whether a row with from_on and until_on is the answer on a day. */
  const standsOn = (row, day) => (!row.from_on || row.from_on <= day) && (!row.until_on || row.until_on > day);

  // Numbers: rounded half to even on the digits as written, the same as the program does.
  const formats = new Map();
  function plain(value, decimals = 1) {
    if (!formats.has(decimals)) {
      formats.set(decimals, new Intl.NumberFormat("en-US", { maximumFractionDigits: decimals, roundingMode: "halfEven" }));
    }
    const text = formats.get(decimals).format(String(value));
    return (text === "-0" ? "0" : text).replace("-", MINUS);
  }

  /** The digits of a number moved by so many places, without the errors of a division. */
  function scaled(value, places) {
    const [mantissa, exponent = "0"] = String(value).split("e");
    return `${mantissa}e${Number(exponent) - places}`;
  }

  function dollars(value, more) {
    const size = Math.abs(value);
    if (size >= 1e9) return lang === "zh" ? `${plain(scaled(value, 8), more)} 億美元` : `USD ${plain(scaled(value, 9), 1 + more)} billion`;
    if (size >= 1e8) return lang === "zh" ? `${plain(scaled(value, 8), 4 + more)} 億美元` : `USD ${plain(scaled(value, 6), 2 + more)} million`;
    if (size >= 1e6) return lang === "zh" ? `${plain(scaled(value, 4), more)} 萬美元` : `USD ${plain(scaled(value, 6), 2 + more)} million`;
    return lang === "zh" ? `${plain(value, 4 + more)} 美元` : `USD ${plain(value, 4 + more)}`;
  }

  /** A value with its unit, with so many more decimals than its unit has. */
  function amount(value, unit, more = 0) {
    if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
    if (unit === "USD") return dollars(value, more);
    const shape = words().units[unit];
    if (!shape) return `${plain(value, 2 + more)} ${unit || ""}`.trim();
    return shape.replace("{}", plain(value, (unit.includes("/") ? 4 : 1) + more));
  }

  /** A value with as many digits as tell it from another one, or from nought. */
  function apart(value, other, unit) {
    for (let more = 0; more < 6; more += 1) { const text = amount(value, unit, more); if (text !== amount(other, unit, more)) return text; }
    return amount(value, unit);
  }

  function interval(row, unit) {
    if (row.low === null && row.high === null) return "";
    const ends = [row.low, row.high].map((end) => (end === null || end === undefined ? "…" : amount(end, unit)));
    const value = row.statistic === undefined ? row.value : row.statistic;
    if (ends.every((end) => end === amount(value, unit))) return "";
    return lang === "zh" ? `${ends[0]} 至 ${ends[1]}` : `${ends[0]} to ${ends[1]}`;
  }

  // The ledger: the verdicts of a claim in order of days.
  const ledgers = new Map();
  function ledger(claim) {
    if (!ledgers.size) {
      for (const row of rows("ledger", "verdicts")) {
        if (!ledgers.has(row.claim_id)) ledgers.set(row.claim_id, []);
        ledgers.get(row.claim_id).push(row);
      }
    }
    return ledgers.get(claim) || [];
  }
  const before = (list, day) => {
    let found = null;
    for (const row of list) { if (row.as_of > day) break; found = row; }
    return found;
  };
  const verdictOn = (claim, day) => before(ledger(claim), day);

  /** The stretches of one verdict, oldest first: {verdict, from, to}; `to` is the day the next began, empty for the last. */
  function stretches(claim) {
    const found = [];
    for (const row of ledger(claim)) {
      const last = found[found.length - 1];
      if (last && last.verdict === row.verdict) continue;
      if (last) last.to = row.as_of;
      found.push({ verdict: row.verdict, from: row.as_of, to: "" });
    }
    return found;
  }
  const stretchOn = (claim, day) => stretches(claim).filter((one) => one.from <= day).pop() || null;

  const night = () => held.get("night");
  const newest = () => night().as_of;
  const asked = () => new URLSearchParams(location.search);
  function day() {
    const chosen = asked().get("day") || "";
    // The 30th of February is no day, though a browser may read it as one of March.
    if (!/^\d{4}-\d\d-\d\d$/.test(chosen) || Number.isNaN(dayNumber(chosen)) || isoDay(dayNumber(chosen)) !== chosen) return newest();
    return chosen < FIRST ? FIRST : chosen > newest() ? newest() : chosen;
  }
  /** Which day is shown instead of the one in the address, and why; empty where it is that day. */
  function moved() {
    const chosen = asked().get("day");
    const shown = day();
    if (chosen === null || chosen === shown) return "";
    const why = !/^\d{4}-\d\d-\d\d$/.test(chosen) || Number.isNaN(dayNumber(chosen)) || isoDay(dayNumber(chosen)) !== chosen ? "day_none" : chosen < FIRST ? "day_too_early" : "day_too_late";
    return label("day_moved").replace("{asked}", () => chosen.slice(0, 40)).replace("{why}", label(why)).replace("{shown}", shown);
  }
  const hindsight = () => asked().get("hindsight") === "1";

  /** Change the address (empty values go) and paint again. */
  function choose(values) {
    const query = asked();
    for (const [name, value] of Object.entries(values)) { if (value) query.set(name, value); else query.delete(name); }
    const text = query.toString();
    history.replaceState(null, "", `${location.pathname}${text ? `?${text}` : ""}${location.hash}`);
    paint();
  }
  const goTo = (chosen) => choose({ day: chosen === newest() ? "" : chosen });

  function paint() { for (const watcher of watchers) watcher(day()); }

  /** An element with its attributes and children; text stays text. */
  function make(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) { if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value); }
    for (const child of children.flat()) { if (child !== null && child !== undefined && child !== "") made.append(child); }
    return made;
  }
  const WEB = /^https?:\/\/[^\s"'<>\\]+$/;
  const link = (address, text) => (WEB.test(address || "") ? make("a", { href: address, rel: "noopener noreferrer" }, text) : document.createTextNode(text));
  /** Where an address shows today's state of a list: that it does, and which capture the number was read in. */
  function moving(row, said) {
    const told = said("source_url", row.source_url);
    const [, digest] = /:([0-9a-f]{12}):/.exec(row.evidence_id || row.evidence || "") || [];
    if (!told || !said.captures[digest]) return told || "";
    return label("moving_address").replace("{day}", said.captures[digest]).replace("{digest}", digest);
  }
  /** The host of an address, or the whole of what is none. */
  const host = (address) => { try { return new URL(address).hostname || address; } catch { return address; } };
  const local = (address, text) => make("a", { href: kept(address) }, text);

  /** An address below this folder that carries the chosen day along. */
  function kept(address) {
    const [rest, hash] = address.split("#");
    const [path, own] = rest.split("?");
    const query = new URLSearchParams(own || "");
    for (const name of ["day", "hindsight"]) { const value = asked().get(name); if (value) query.set(name, value); }
    const text = query.toString();
    return `${path}${text ? `?${text}` : ""}${hash ? `#${hash}` : ""}`;
  }

  const badge = (verdict) => make("span", { class: `badge ${verdict}` }, `${MARKS[verdict] || "·"} ${term("verdicts", verdict)}`);

  /** A name of a series: a claim's own word, else the term, else the bare name; years stay as they are. */
  function series(name) {
    const guided = /^(guided|actual)_(FY\d{4})$/.exec(name || "");
    if (guided) return `${guided[2]} ${label(guided[1] === "guided" ? "guided" : "actual_spent")}`;
    const board = /^(premium|own)_(.+)$/.exec(name || "");
    if (board && words().concepts[board[2]]) return words().concepts[board[2]];
    const scale = /^([a-z_]+)@(\d{4}-\d\d-\d\d)(?::(\w+))?$/.exec(name || "");
    if (scale) return label("scale_of").replace("{board}", series(scale[1])).replace("{day}", scale[2]) + (scale[3] ? (lang === "zh" ? `（${series(scale[3])}）` : ` (${series(scale[3])})`) : "");
    const source = night().sources.find((one) => one.id === name);
    return words().concepts[name] || words().labels[name] || (source && pick(source.title)) || String(name || "").replaceAll("_", " ");
  }

  /** The titles of one source or several. */
  const sources = (names) => String(names).split(" ").map((name) => { const found = night().sources.find((one) => one.id === name); return found ? pick(found.title) : name; }).join(lang === "zh" ? "、" : ", ");
  /** A line of words and numbers with the punctuation of the language. */
  const written = (text) => (lang === "zh" ? text.replaceAll(": ", "：").replaceAll("; ", "；").replace(/ ?\(([^()]*)\)/g, "（$1）") : text);

  return {
    put: (name, content) => held.set(name, bare(content)), get: (name) => held.get(name), has: (name) => held.has(name),
    rows, rowsOf, wordsOf, words, label, term, pick, plain, amount, apart, interval, ledger, before, verdictOn, stretches, stretchOn, standsOn,
    day, newest, night, goTo, choose, asked, hindsight, paint, onDay: (watcher) => watchers.push(watcher), make, link, host, local, moving, moved,
    kept, badge, series, sources, written, dayNumber, isoDay, lang, at, MISSING, MARKS, ARTICLE, FIRST, page,
  };
})();
