"use strict";
// The first page: how many claims stand how, what changed before the chosen day, what is awaited, how fresh the sources are.
(() => {
  const { make, label } = CS;
  const byId = (id) => document.getElementById(id);
  const claims = () => CS.get("ledger").claims;
  const ORDER = ["supported", "refuted", "mixed", "undetermined", "not_testable", "scenario"];

  function count(day) {
    const found = {};
    for (const claim of Object.keys(claims())) {
      const row = CS.verdictOn(claim, day);
      if (row) found[row.verdict] = (found[row.verdict] || 0) + 1;
    }
    byId("counted").replaceChildren(make("b", {}, day), " ", ...ORDER.filter((name) => found[name]).flatMap((name) => [CS.badge(name), ` ${found[name]} `]));
  }

  /** Claims that were false by what was known on the day they were made; those of later days are not told. */
  function refutedWhenMade(day) {
    const found = Object.entries(claims()).filter(([claim, one]) => one.asserted <= day && (CS.verdictOn(claim, one.asserted) || {}).verdict === "refuted");
    byId("when-made").replaceChildren(...(found.length ? [label("refuted_when_made"), ...found.flatMap(([claim, one], place) => [place ? " · " : "", CS.local(`${claim}.html`, `${claim} ${CS.pick(one.title)}`)])] : []));
  }

  function flipsBetween(first, day) {
    return Object.keys(claims()).flatMap((claim) => {
      const runs = CS.stretches(claim);
      return runs.slice(1).map((run, place) => ({ claim, day: run.from, to: run.verdict, was: runs[place].verdict }));
    }).filter((flip) => flip.day > first && flip.day <= day).sort((a, b) => (a.day < b.day ? 1 : -1));
  }

  const claimLink = (claim) => CS.local(`${claim}.html`, `${claim} ${CS.pick(claims()[claim].title)}`);
  const back = (day, days) => CS.isoDay(CS.dayNumber(day) - days);

  function changes(day) {
    const flips = flipsBetween(back(day, 90), day);
    const lately = flips.filter((flip) => flip.day > back(day, 1));
    const line = (flip) => make("li", {}, `${flip.day} `, claimLink(flip.claim), " ", CS.badge(flip.was), " → ", CS.badge(flip.to));
    const list = (found) => (found.length ? make("ul", { class: "claims" }, found.map(line)) : make("p", {}, label("nothing_changed")));
    byId("changes").replaceChildren(
      make("h3", {}, label("last_night")), list(lately), make("h3", {}, label("last_90")), list(flips),
      make("h3", {}, label("new_figures")), news(day, flips));
  }

  /** Claims whose figures became others while the verdict stayed: the newest change of each. */
  function news(day, flips) {
    const flipped = new Set(flips.map((flip) => flip.claim));
    const found = Object.keys(claims()).filter((claim) => !flipped.has(claim)).flatMap((claim) => {
      const list = CS.ledger(claim).filter((row) => row.as_of <= day);
      const row = list[list.length - 1];
      const was = list[list.length - 2];
      if (!was || row.as_of <= back(day, 90) || row.statistic === was.statistic || row.statistic === null) return [];
      return [{ claim, row, was }];
    }).sort((a, b) => (a.row.as_of < b.row.as_of ? 1 : -1));
    if (!found.length) return make("p", {}, label("nothing_changed"));
    return make("ul", { class: "claims" }, found.map(({ claim, row, was }) => make("li", {}, `${row.as_of} `, claimLink(claim), ` ${CS.amount(was.statistic, was.statistic_unit)} → ${CS.amount(row.statistic, row.statistic_unit)}`)));
  }

  function awaits() {
    const dated = CS.night().awaits.filter((one) => one.due).sort((a, b) => (a.due < b.due ? -1 : 1));
    const together = new Map();
    for (const one of dated) {
      const key = `${one.due} ${CS.pick(one.what)}`;
      if (!together.has(key)) together.set(key, { ...one, claims: [] });
      together.get(key).claims.push(one.claim);
    }
    const line = (one) => make("li", {}, `${one.due} `, one.overdue ? make("b", { class: "late" }, `${label("overdue_short")} `) : "", `${CS.pick(one.what)} `, one.claims.flatMap((claim) => [CS.local(`${claim}.html`, claim), " "]));
    const all = [...together.values()];
    const shown = make("ul", { class: "claims" }, all.slice(0, 12).map(line));
    byId("awaits").replaceChildren(shown, all.length > 12 ? make("details", {}, make("summary", {}, `+${all.length - 12}`), make("ul", { class: "claims" }, all.slice(12).map(line))) : "");
  }

  const WORST = ["refused", "never", "late", "unreachable", "starter", "switched_off", "fresh"];
  function sources() {
    const list = [...CS.night().sources].sort((a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state));
    const counts = WORST.map((state) => [state, list.filter((one) => one.state === state).length]).filter(([, number]) => number);
    const heads = ["source", "tier", "state", "last_capture", "last_known"];
    const row = (one) => make("tr", {}, make("th", { scope: "row" }, CS.pick(one.title)), make("td", {}, String(one.tier)),
      make("td", { title: one.detail }, CS.term("states", one.state)), make("td", {}, one.captured), make("td", {}, one.known));
    const body = make("table", {}, make("thead", {}, make("tr", {}, heads.map((name) => make("th", { scope: "col" }, label(name))))), make("tbody", {}, list.map(row)));
    byId("sources").replaceChildren(
      make("p", {}, counts.map(([state, number]) => `${CS.term("states", state)} ${number}`).join(" · ")),
      make("details", {}, make("summary", {}, label("source")), make("div", { class: "scroll", tabindex: "0" }, body)));
  }

  CS.onDay((day) => { count(day); refutedWhenMade(day); changes(day); });
  CS.onDay(() => { for (const figure of document.querySelectorAll("figure[data-chart]")) CS.chart(figure, figure.dataset.chart, Number(figure.dataset.at)); });
  document.addEventListener("DOMContentLoaded", () => { awaits(); sources(); });
})();
