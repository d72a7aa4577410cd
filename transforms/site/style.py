"""The page's style sheet: no fonts or images from elsewhere, light and dark, readable on a phone and on paper."""

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --paper: #ffffff; --card: #f6f7f9; --line: #d5dae0;
  --link: #0b5cad; --supported: #1a6b3c; --refuted: #a8243a; --mixed: #855300; --undetermined: #52606d;
  --warn: #fff3d6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #a3adb8; --paper: #14171b; --card: #1c2127;
  --line: #363d46; --link: #79b8ff; --supported: #5cc98a; --refuted: #ff8a99; --mixed: #f0b450;
  --undetermined: #b0bac5; --warn: #3a2f12; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 80rem; background: var(--paper); color: var(--ink);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", "PingFang TC", "Microsoft JhengHei", "Noto Sans TC",
    "Noto Sans CJK TC", "Source Han Sans TC", "Heiti TC", sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.3; margin: 0 0 .3rem; }
h2 { font-size: 1.3rem; margin: 2.8rem 0 .8rem; padding-top: .4rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.1rem; margin: 0 0 .4rem; }
h1 .en, h2 .en { font-weight: 400; color: var(--soft); font-size: .8em; margin-left: .3em; }
h3 .en { font-weight: 400; color: var(--soft); }
p { margin: .4rem 0; max-width: 62rem; }
a { color: var(--link); } a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.en { color: var(--soft); }
td div.en, p.en, th div.en { font-size: .9em; line-height: 1.45; }
.facts { display: flex; flex-wrap: wrap; gap: .3rem 2rem; margin: 1rem 0; padding: .8rem 1rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .5rem; }
.facts dt { font-size: .85rem; color: var(--soft); } .facts dd { margin: 0; font-variant-numeric: tabular-nums; }
.facts code { font-size: .85em; }
.notice { padding: .7rem 1rem; background: var(--warn); border-left: 4px solid var(--mixed); border-radius: .3rem; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.2rem; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .55rem .6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; border-bottom: 2px solid var(--line); }
.verdicts td:nth-child(1) { font-weight: 600; white-space: nowrap; }
.verdicts td:nth-child(2) { min-width: 16rem; } .verdicts td:nth-child(3), .verdicts td:nth-child(4) { min-width: 8rem; }
.verdicts td:nth-child(6), .verdicts td:nth-child(7) { min-width: 9rem; }
.badge { display: inline-block; padding: .1rem .6rem; border: 1.5px solid currentColor; border-radius: 1rem;
  font-weight: 600; line-height: 1.5; margin: .1rem 0; white-space: nowrap; } .badge .en { color: inherit; font-weight: 400; }
.supported { color: var(--supported); } .refuted { color: var(--refuted); } .mixed { color: var(--mixed); }
.undetermined, .not_testable, .scenario { color: var(--undetermined); }
.fresh { color: var(--supported); } .late { color: var(--mixed); } .starter, .switched_off { color: var(--undetermined); }
.unreachable, .state.refused, .never { color: var(--refuted); }
.state { font-weight: 600; }
.flag { margin: 0 0 .4rem; } .flag b { display: block; }
section.claim { margin: 1.2rem 0 2rem; padding: 1.1rem 1.2rem; border: 1px solid var(--line); border-radius: .6rem; }
section.claim header { display: flex; flex-wrap: wrap; gap: .3rem 1rem; justify-content: space-between; }
.said { margin: .5rem 0; padding-left: .9rem; border-left: 3px solid var(--line); }
.meta { font-size: .85rem; color: var(--soft); }
figure { margin: 1rem 0; } figcaption { font-size: .9rem; color: var(--soft); }
figure svg { max-width: 100%; height: auto; } .narrow { display: none; }
details { margin: .6rem 0; } summary { cursor: pointer; color: var(--link); }
.legend { line-height: 2; }
details .scroll { max-height: 26rem; overflow: auto; border: 1px solid var(--line); border-radius: .4rem; }
code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .85em; overflow-wrap: anywhere; }
@media (max-width: 60rem) {
  body { padding: 1rem .8rem 3rem; }
  .narrow { display: block; } .wide { display: none; }
  section.claim { padding: .8rem; }
  table, tbody, tr, td { display: block; width: 100%; } thead { display: none; }
  tr { padding: .5rem .1rem; border-bottom: 2px solid var(--line); }
  td, .verdicts td { border: 0; padding: .25rem 0; min-width: 0; white-space: normal; }
  td::before { content: attr(data-label); display: block; font-size: .78rem; color: var(--soft); }
  details .scroll { padding: 0 .6rem; }
  details td { display: grid; grid-template-columns: 9rem 1fr; gap: .5rem; }
}
@media print { details { display: none; } section.claim { break-inside: avoid; } }
"""
