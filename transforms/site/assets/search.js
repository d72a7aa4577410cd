"use strict";
// One search box over everything that has a name. Its index is loaded when it is first used.
(() => {
  const { make } = CS;
  const box = document.getElementById("search");
  const list = document.getElementById("found");
  const MOST = 12;
  let asked = false;
  let chosen = -1;

  function load() {
    if (asked) return;
    asked = true;
    const script = make("script", { src: "../data/search.js" });
    script.addEventListener("load", look);
    document.head.append(script);
  }

  const HAN = /[\u4e00-\u9fff]/;
  const LITTLE = new Set("a an and are at by did do does for from how in is it of on or that the to was were what when which who why will with".split(" "));
  /** A text as words: Latin words and numbers apart, and what is Chinese in one piece each. */
  const wordsIn = (text) => text.toLowerCase().match(/[\u4e00-\u9fff]+|[a-z0-9][a-z0-9.&/-]*/g) || [];
  const bare = (word) => (word.length > 4 ? word.replace(/(?:ies|ing|ed|es|s)$/, "") : word.length > 3 ? word.replace(/s$/, "") : word);

  let index = null;
  /** Each entry with its words, once: of the title, and of all that finds it. */
  function indexed() {
    const told = (text) => { const words = wordsIn(text); return { latin: words.filter((word) => !HAN.test(word)), han: words.filter((word) => HAN.test(word)).join(" ") }; };
    index = index || CS.get("search").entries.map((entry) => ({ entry, title: told(`${entry[1]} ${entry[2]} ${entry[5] || ""}`), all: told(`${entry[1]} ${entry[2]} ${entry[4]} ${entry[5] || ""}`), id: (entry[4].split(" ")[0] || "").toLowerCase() }));
    return index;
  }
  /** A word is found where a word begins with it; a Chinese one anywhere. */
  const hasWord = (text, word) => (HAN.test(word) ? text.han.includes(word) : word.length < 3 ? text.latin.includes(word) : text.latin.some((one) => one.startsWith(word) || one.startsWith(bare(word)) || one.split(/[-./]/).some((part) => part.startsWith(word))));
  const hasAll = (text, words) => words.every((word) => hasWord(text, word));

  /** What is asked, piece by piece: each piece is a list of ways to say it, each way a list of words. */
  function pieces(asked) {
    let rest = ` ${wordsIn(asked).join(" ")} `;
    const found = [];
    const ways = CS.get("search").synonyms.flatMap((line) => line.map((way) => [way, line])).sort((a, b) => b[0].length - a[0].length);
    for (const [way, line] of ways) {
      const at = HAN.test(way) ? way : ` ${wordsIn(way).join(" ")} `;
      if (!rest.includes(at)) continue;
      rest = rest.replaceAll(at, "  ");
      found.push(line.map(wordsIn));
    }
    for (const word of rest.trim().split(/\s+/).filter((word) => word && !LITTLE.has(word))) found.push(...(HAN.test(word) && word.length > 3 ? [[[word], word.match(/.{1,2}/g)]] : [[[word]]]));
    return found;
  }

  /** Every piece but `spared` must be found, in any order; what the reader's own words find in a title counts most. */
  function score(one, asked, all, spared) {
    let sum = 0;
    let left = spared;
    for (const ways of all) {
      if (!ways.some((way) => hasAll(one.all, way))) { if (!left) return 0; left -= 1; continue; }
      sum += ways.some((way) => hasAll(one.title, way)) ? 4 : 1;
    }
    const own = wordsIn(asked);
    sum += (own.length === 1 && one.id === own[0] && one.entry[0] !== "metric" ? 8 : 0) + (hasAll(one.title, own) ? 3 : hasAll(one.all, own) ? 1.5 : 0);
    if (`${one.entry[1]} `.toLowerCase().startsWith(asked) || `${one.entry[2]} `.toLowerCase().startsWith(asked)) sum += 2;
    // Columns and views are many and rarely what is meant: they come after everything else that fits.
    return one.entry[0] === "dictionary" ? sum / 10 : sum + (RANK[one.entry[0]] || 0);
  }
  const RANK = { __proto__: null, claim: 3, question: 3, page: 1.5, metric: 0.2, company: 0.2 };

  /** The entries that fit what is typed, best first, and whether they have all of it. */
  function search(typed) {
    const asked = typed.trim().toLowerCase();
    const all = CS.has("search") ? pieces(asked) : [];
    if (!all.length) return { found: [], whole: true };
    const fitting = (spared) => indexed().map((one) => [score(one, asked, all, spared), one.entry]).filter(([sum]) => sum).sort((a, b) => b[0] - a[0]).slice(0, MOST).map(([, entry]) => entry);
    // Where nothing has all that was asked, what has all but one piece of it is nearest.
    const whole = fitting(0);
    return whole.length || all.length < 2 ? { found: whole, whole: true } : { found: fitting(1), whole: false };
  }
  CS.find = (typed) => search(typed).found;

  const note = (name) => make("li", { role: "option", "aria-disabled": "true" }, CS.label(name).replace("{}", () => box.value.trim().slice(0, 40)));

  function look() {
    if (!box.value.trim() || !CS.has("search")) { close(); return; }
    const { found, whole } = search(box.value);
    chosen = -1;
    list.replaceChildren(...found.map(option));
    if (!found.length) list.append(note("nothing_found"));
    else if (!whole) list.prepend(note("nearest_found"));
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
