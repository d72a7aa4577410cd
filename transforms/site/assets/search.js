"use strict";
// One search box over everything that has a name. Its index is loaded when it is first used.
(() => {
  const { make } = CS;
  const box = document.getElementById("search");
  const list = document.getElementById("found");
  const MOST = 12;
  // What analysts type, and what it is called.
  const LONG = Object.assign(Object.create(null), { capex: "capital expenditure", ocf: "operating cash flow", "d&a": "depreciation" });
  let asked = false;
  let chosen = -1;

  function load() {
    if (asked) return;
    asked = true;
    const script = make("script", { src: "../data/search.js" });
    script.addEventListener("load", look);
    document.head.append(script);
  }

  /** Every word must be found; the start of a title counts most, then the title, then the rest. */
  function score(entry, words) {
    const [, zh, en, , more] = entry;
    const titles = `${zh} ${en}`.toLowerCase();
    const all = `${titles} ${more}`.toLowerCase();
    let sum = 0;
    for (const word of words) {
      const has = (text) => text.includes(word) || (word in LONG && text.includes(LONG[word]));
      if (!has(all)) return 0;
      sum += more.toLowerCase().split(" ")[0] === word ? 8 : titles.startsWith(word) ? 6 : has(titles) ? 4 : 1;
    }
    // Columns and views are many and rarely what is meant: they come after everything else that fits.
    return entry[0] === "dictionary" ? sum / 10 : sum + (entry[0] === "claim" || entry[0] === "question" ? 0.5 : 0);
  }

  function look() {
    const words = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length || !CS.has("search")) { close(); return; }
    const found = CS.get("search").entries.map((entry) => [score(entry, words), entry]).filter(([sum]) => sum).sort((a, b) => b[0] - a[0]).slice(0, MOST);
    chosen = -1;
    list.replaceChildren(...found.map(([, entry], place) => option(entry, place)));
    if (!found.length) list.append(make("li", { role: "option", "aria-disabled": "true" }, CS.label("nothing_found")));
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    box.removeAttribute("aria-activedescendant");
  }

  function option([kind, zh, en, address], place) {
    const title = CS.lang === "zh" ? zh : en;
    const item = make("li", { role: "option", id: `found-${place}`, "data-to": address }, make("span", { class: "soft" }, `${CS.label(`kind_${kind}`)} `), title);
    item.addEventListener("mousedown", (event) => { event.preventDefault(); go(address); });
    return item;
  }

  const go = (address) => { close(); location.href = CS.kept(address); };
  function close() { list.hidden = true; box.setAttribute("aria-expanded", "false"); }
  function mark(step) {
    const items = [...list.querySelectorAll("[data-to]")];
    if (!items.length) return;
    chosen = (chosen + step + items.length) % items.length;
    items.forEach((item, place) => item.setAttribute("aria-selected", String(place === chosen)));
    box.setAttribute("aria-activedescendant", items[chosen].id);
    items[chosen].scrollIntoView({ block: "nearest" });
  }

  box.addEventListener("focus", load);
  box.addEventListener("input", () => { load(); look(); });
  box.addEventListener("blur", () => setTimeout(close, 150));
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); mark(1); }
    if (event.key === "ArrowUp") { event.preventDefault(); mark(-1); }
    if (event.key === "Escape") close();
    if (event.key === "Enter") {
      const items = list.querySelectorAll("[data-to]");
      if (items.length) go(items[Math.max(chosen, 0)].dataset.to);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(input|select|textarea)$/i.test(document.activeElement.tagName)) { event.preventDefault(); box.focus(); }
  });
})();
