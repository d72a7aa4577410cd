"use strict";
// The head of every page: day, language, light or dark; and every verdict on the page, moved to the chosen day.
(() => {
  const { make, label } = CS;
  const byId = (id) => document.getElementById(id);

  function remember(name, value) { try { localStorage.setItem(`capex-signals-${name}`, value); } catch { /* not kept */ } }
  function remembered(name) { try { return localStorage.getItem(`capex-signals-${name}`); } catch { return null; } }

  // Days on which something changed: every day of the ledger, and the named ones.
  const named = CS.rows("ledger", "days").filter((row) => row.day >= CS.FIRST && row.day <= CS.newest());
  const changeDays = [...new Set(CS.rows("ledger", "verdicts").map((row) => row.as_of))].filter((day) => day >= CS.FIRST).sort();

  function setUpDays() {
    const [slider, input, select] = ["day-slider", "day-input", "day-named"].map(byId);
    const first = CS.dayNumber(CS.FIRST);
    slider.max = CS.dayNumber(CS.newest()) - first;
    input.max = CS.newest();
    slider.addEventListener("input", () => CS.goTo(CS.isoDay(first + Number(slider.value))));
    input.addEventListener("change", () => { if (input.value) CS.goTo(input.value); });
    fillNamed(select);
    select.addEventListener("change", () => { if (select.value) CS.goTo(select.value); });
    byId("day-newest").addEventListener("click", () => CS.goTo(CS.newest()));
    byId("day-before").addEventListener("click", () => CS.goTo(changeDays.filter((day) => day < CS.day()).pop() || CS.FIRST));
    byId("day-after").addEventListener("click", () => CS.goTo(changeDays.find((day) => day > CS.day()) || CS.newest()));
    byId("hindsight").addEventListener("change", (event) => CS.choose({ hindsight: event.target.checked ? "1" : "" }));
    CS.onDay((day) => {
      slider.value = CS.dayNumber(day) - first;
      slider.setAttribute("aria-valuetext", day);
      input.value = day;
      select.value = [...select.options].some((option) => option.value === day) ? day : "";
      byId("hindsight").checked = CS.hindsight();
      document.body.classList.toggle("past", day !== CS.newest());
      byId("day-moved").textContent = CS.moved();
      byId("day-moved").hidden = !CS.moved();
    });
  }

  function fillNamed(select) {
    select.append(make("option", { value: CS.ARTICLE }, `${CS.ARTICLE} ${label("article_day")}`));
    for (const year of [...new Set(named.map((row) => row.day.slice(0, 4)))].sort().reverse()) {
      const group = make("optgroup", { label: year });
      for (const row of named.filter((one) => one.day.startsWith(year)).reverse()) {
        group.append(make("option", { value: row.day }, `${row.day} ${CS.lang === "zh" ? row.name_zh : row.name_en}`));
      }
      select.append(group);
    }
  }

  const SHOWS = {
    verdict: (row, element) => { element.className = `badge ${row.verdict}`; return `${CS.MARKS[row.verdict]} ${CS.term("verdicts", row.verdict)}`; },
    statistic: (row) => CS.amount(row.statistic, row.statistic_unit),
    interval: (row) => CS.interval(row, row.statistic_unit) || "–",
    sample: (row) => `${row.n} / ${row.minimum_n}`,
    flags: (row) => flagWords(row.flags),
  };
  const flagWords = (flags) => (flags ? flags.split(" ").map((flag) => CS.term("flags", flag)).join(CS.lang === "zh" ? "、" : ", ") : "");

  function show(element, day) {
    const { claim, show: what } = element.dataset;
    if (what === "then") { element.replaceChildren(badgeOn(claim, CS.ARTICLE)); return; }
    if (what === "since") { element.textContent = (CS.stretchOn(claim, day) || { from: label("not_yet") }).from; return; }
    const row = CS.verdictOn(claim, day);
    if (row) { element.textContent = SHOWS[what](row, element); return; }
    if (what === "verdict") element.className = "badge none";
    element.textContent = what === "flags" ? "" : label("not_yet");
  }
  function badgeOn(claim, day) {
    const row = CS.verdictOn(claim, day);
    return row ? CS.badge(row.verdict) : document.createTextNode(label("not_yet"));
  }

  /** The answer to a question on a day: the clauses of its claims' verdicts; transforms/site/answers.py does the same. */
  function answer(question, day) {
    const spec = CS.get("ledger").questions[question];
    const sentences = spec.answer.map((claims) => claims.flatMap((claim) => {
      const row = CS.verdictOn(claim, day);
      return row ? [spec.says[claim][row.verdict][CS.lang].replaceAll("{}", CS.amount(row.statistic, row.statistic_unit))] : [];
    })).filter((parts) => parts.length);
    if (CS.lang === "zh") return sentences.map((parts) => `${parts.join("；")}。`).join("");
    return sentences.map((parts) => { const text = parts.join("; "); return `${text[0].toUpperCase()}${text.slice(1)}.`; }).join(" ");
  }
  CS.answer = answer;
  CS.flagWords = flagWords;

  function setUpLook() {
    const root = document.documentElement;
    const kept = remembered("theme");
    if (kept) root.dataset.theme = kept;
    byId("theme").addEventListener("click", () => {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      remember("theme", root.dataset.theme);
      CS.paint();
    });
    remember("language", CS.lang);
    const { published, code, digest } = CS.night();
    byId("imprint").textContent = `${label("published_at")} ${published} UTC · ${label("code_version")} ${code} · ${label("digest")} ${digest.slice(0, 16)}`;
  }

  /** Links within the site carry the day along; the other language also the rest of the address. */
  function carry() {
    for (const element of document.querySelectorAll("a[data-keep]")) {
      if (!element.dataset.plain) element.dataset.plain = element.getAttribute("href");
      const other = element.id === "other-language";
      element.href = other ? `${element.dataset.plain}${location.search}${location.hash}` : CS.kept(element.dataset.plain);
    }
  }

  CS.onDay((day) => {
    for (const element of document.querySelectorAll("[data-claim][data-show]")) show(element, day);
    for (const element of document.querySelectorAll("[data-answer]")) element.textContent = answer(element.dataset.answer, day);
    for (const element of document.querySelectorAll("[data-ask]")) element.textContent = element.dataset.ask.replaceAll("{day}", day);
    carry();
  });

  /** Hand a file to the reader. */
  CS.save = (name, type, content) => {
    const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
    make("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    // What a spreadsheet would take for a formula stays text.
    const safe = typeof value === "string" && /^[\s\u0000]*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  CS.csv = (columns, rows) => `\ufeff${[columns, ...rows.map((row) => columns.map((name) => row[name]))].map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;

  setUpDays();
  setUpLook();
  addEventListener("hashchange", carry);
  document.addEventListener("DOMContentLoaded", () => CS.paint());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => CS.paint());
})();
