"use strict";
// The calculators, by the formulas of transforms/claims/scenarios.py (a test sets one beside the other).
CS.calculators = (() => {
  const { make, label, plain } = CS;
  const [SAMPLES, SEED, STEPS, BISECTIONS] = [20000, 1, 9, 80];
  const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];

  const annuity = (rate, years) => (rate === 0 ? years : (1 - (1 + rate) ** -years) / rate);
  const presentValue = (spent, yearly, rate, life, lead) => spent * yearly * annuity(rate, life) * (1 + rate) ** -lead - spent;

  const MODELS = {
    long_or_short(v) {
      const long = presentValue(100, v.long_return, v.rate, v.long_life, v.long_lead);
      const short = presentValue(100, v.short_return, v.rate, v.short_life, v.short_lead);
      return { npv_long: long, npv_short: short, npv_long_of_200: 2 * long, margin: short - long };
    },
    mix(v) {
      const freed = v.capacity * (v.training_before - v.training_after);
      const gained = freed * v.fungibility * v.inference_yield;
      const lost = v.leases_for_openai * v.openai_loss + freed * v.training_yield;
      return { freed, gained, given_up: lost, margin: gained - lost };
    },
    forward_multiple(v) {
      const [now, later] = [v.price / v.multiple_now, v.price / v.multiple_next];
      return { earnings_now: now, earnings_next: later, implied_growth: later / now - 1, margin: later / now - 1 - v.needed_growth };
    },
  };
  const margin = (spec, values) => MODELS[spec.model](values).margin;

  function tie(spec, values) {
    const { low: least, high: most } = spec.parameters[spec.solve_for];
    let [low, high] = [least / 10, most * 10];
    const at = (value) => margin(spec, { ...values, [spec.solve_for]: value });
    const first = at(low);
    if (first * at(high) > 0) return null;
    for (let turn = 0; turn < BISECTIONS; turn += 1) {
      const half = (low + high) / 2;
      if (at(half) * first > 0) low = half; else high = half;
    }
    return (low + high) / 2;
  }

  /** The part of the box of all ranges in which the margin lies above 0, over a fixed spread of points. */
  function share(spec) {
    const names = spec.order;
    const roots = names.map((_, place) => Math.sqrt(PRIMES[place]));
    let held = 0;
    const values = {};
    for (let index = SEED; index < SEED + SAMPLES; index += 1) {
      names.forEach((name, place) => { const { low, high } = spec.parameters[name]; const spot = index * roots[place]; values[name] = low + (high - low) * (spot - Math.floor(spot)); });
      if (margin(spec, values) > 0) held += 1;
    }
    return held / SAMPLES;
  }

  const steps = ({ low, high }) => Array.from({ length: STEPS }, (_, place) => low + ((high - low) * place) / (STEPS - 1));
  const grid = (spec, values) => steps(spec.parameters[spec.map[0]]).map((down) => steps(spec.parameters[spec.map[1]]).map((across) => margin(spec, { ...values, [spec.map[0]]: down, [spec.map[1]]: across })));
  const base = (spec) => Object.fromEntries(Object.entries(spec.parameters).map(([name, one]) => [name, one.base]));
  const calculate = (spec, values) => ({ results: MODELS[spec.model](values), tie: tie(spec, values), share: share(spec), map: grid(spec, values) });

  const word = (name) => CS.words().calculators[name] || name;
  function show(section, spec) {
    const inputs = [...section.querySelectorAll("[data-parameter]")];
    const values = Object.fromEntries(inputs.map((input) => [input.dataset.parameter, Number(input.value)]));
    for (const input of inputs) input.parentElement.querySelector("output").textContent = plain(Number(input.value), 3);
    const found = calculate(spec, values);
    const facts = Object.entries(found.results).map(([name, value]) => make("div", {}, make("dt", {}, word(name)), make("dd", {}, plain(value, 3))));
    const holds = found.results.margin > 0;
    section.querySelector(".outcome").replaceChildren(
      make("p", {}, make("b", { class: holds ? "supported" : "refuted" }, holds ? `✓ ${label("holds")}` : `✕ ${label("does_not_hold")}`)),
      make("dl", { class: "facts" }, facts, make("div", {}, make("dt", {}, `${label("tie_at")}${label("colon")}${word(spec.solve_for)}`), make("dd", {}, found.tie === null ? label("no_tie") : plain(found.tie, 3))), make("div", {}, make("dt", {}, label("share_of_box")), make("dd", {}, `${plain(100 * found.share, 1)}%`))));
    section.querySelector(".map").replaceChildren(map(spec, found.map));
  }
  function map(spec, cells) {
    const [down, across] = spec.map.map((name) => steps(spec.parameters[name]));
    const row = (list, place) => make("tr", {}, make("th", { scope: "row" }, plain(down[place], 3)), list.map((value) => make("td", { class: value > 0 ? "good" : "bad" }, plain(value, 2))));
    return make("div", { class: "scroll", tabindex: "0" }, make("table", { class: "heat" }, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, `${word(spec.map[0])} / ${word(spec.map[1])}`), across.map((value) => make("th", { scope: "col" }, plain(value, 3))))), make("tbody", {}, cells.map(row))));
  }

  for (const section of document.querySelectorAll("[data-scenario]")) {
    const spec = CS.get("scenarios")[section.dataset.scenario];
    const paint = () => show(section, spec);
    section.addEventListener("input", paint);
    section.querySelector(".reset").addEventListener("click", () => {
      for (const input of section.querySelectorAll("[data-parameter]")) input.value = spec.parameters[input.dataset.parameter].base;
      paint();
    });
    document.addEventListener("DOMContentLoaded", paint);
  }
  return { calculate, base };
})();
