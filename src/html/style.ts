/**
 * The page's style sheet: one column, quiet rules, one accent for each outcome. The four colours keep apart for every
 * kind of colour vision, in both themes, and each has a height or a word of its own beside it.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #faf9f7; --card: #ffffff; --ink: #1f2328; --muted: #5c6570; --rule: #e4e1dc;
  --intact: #e3e8e6; --zeros: #f1efeb; --good: #3d6b5c; --bad: #b03a00; --focus: #0b57d0;
  --skipped: #d1490c; --kept: #e0a100; --repaired: #0069a8; --dropped: #7b828a;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #15181b; --card: #1c2024; --ink: #e4e7ea; --muted: #9aa4ae; --rule: #2e343a;
    --intact: #2d353a; --zeros: #22272b; --good: #8cc4b0; --bad: #ff9a66; --focus: #8ab4f8;
    --skipped: #ff7a3d; --kept: #f2c14e; --repaired: #5db7ec; --dropped: #8d969f;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.55 var(--sans); color: var(--ink); background: var(--page); -webkit-text-size-adjust: 100%; }
body { max-width: 76rem; margin: 0 auto; padding: 3rem 2rem 5rem; }
h1, h2, h3 { line-height: 1.25; font-weight: 600; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: 2rem; letter-spacing: -0.015em; margin: 0.4rem 0 0.6rem; }
h2 { font-size: 1.3rem; letter-spacing: -0.01em; margin: 0 0 0.4rem; }
h3 { font-size: 1rem; margin: 0 0 0.6rem; }
p { margin: 0 0 0.8rem; }
section { margin-top: 3.5rem; }
code, pre { font-family: var(--mono); font-size: 0.875em; }
.muted { color: var(--muted); font-weight: 400; }
.lead { color: var(--muted); max-width: 46rem; }
header .lead { color: var(--ink); font-size: 1.15rem; }
.product { color: var(--muted); font-size: 0.85rem; margin: 0; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: 0.5rem 1rem; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
a { color: inherit; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1.5rem 2rem; margin: 2rem 0 0; padding: 1.5rem 0; border: solid var(--rule); border-width: 1px 0; }
.figures div { min-width: 0; }
.figures dt { color: var(--muted); font-size: 0.85rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; letter-spacing: -0.01em; }
.figures dd small { display: block; font-size: 0.85rem; color: var(--muted); letter-spacing: 0; }

.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.4rem 1.75rem; padding: 0; margin: 0 0 1.5rem; font-size: 0.875rem; }
.legend svg { width: 14px; height: 14px; vertical-align: -2px; margin-right: 0.35rem; border-radius: 2px; }
.partition { margin: 2.25rem 0 0; }
.partition + .partition { border-top: 1px solid var(--rule); padding-top: 1.75rem; }
.segment { margin: 0 0 1.5rem; }
.segment-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; margin: 0 0 0.35rem; font-size: 0.875rem; }
.segment-head code { overflow-wrap: anywhere; }
.segment-head .state { margin-left: auto; }
.track { display: block; width: 100%; height: 40px; border-radius: 4px; touch-action: pan-y; }
.intact { fill: var(--intact); }
.zeros { fill: var(--zeros); }
.mark { cursor: pointer; outline: none; }
.skipped { fill: var(--skipped); --tone: var(--skipped); }
.kept { fill: var(--kept); --tone: var(--kept); }
.repaired { fill: var(--repaired); --tone: var(--repaired); }
.dropped { fill: var(--dropped); --tone: var(--dropped); }
.mark:hover rect, .mark:focus rect { stroke: var(--ink); stroke-width: 2; vector-effect: non-scaling-stroke; }
.mark:focus-visible rect { stroke: var(--focus); stroke-width: 3; }
.axis { display: flex; justify-content: space-between; margin-top: 0.25rem; color: var(--muted); font-size: 0.75rem; font-variant-numeric: tabular-nums; }
.tools { display: flex; align-items: baseline; gap: 0.25rem; margin-left: 0.75rem; }
button { font: inherit; font-size: 0.8rem; line-height: 1; color: var(--muted); background: none; border: 1px solid var(--rule); border-radius: 4px; padding: 0.3rem 0.55rem; cursor: pointer; }
button:hover { color: var(--ink); border-color: var(--muted); }
.readout { min-height: 1.55em; margin: 0.15rem 0 0; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.keys { font-size: 0.85rem; }
kbd { font: 0.85em var(--mono); border: 1px solid var(--rule); border-bottom-width: 2px; border-radius: 3px; padding: 0 0.3em; }

.scroll { overflow-x: auto; max-height: 36rem; overflow-y: auto; background: var(--card); border: 1px solid var(--rule); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-size: 0.85rem; line-height: 1.45; font-variant-numeric: tabular-nums; }
th { position: sticky; top: 0; background: var(--card); text-align: left; font-weight: 500; color: var(--muted); vertical-align: bottom; box-shadow: inset 0 -1px var(--rule); }
th, td { padding: 0.55rem 0.75rem; vertical-align: top; }
td { border-top: 1px solid var(--rule); white-space: nowrap; }
td.words { white-space: normal; min-width: 6.5rem; overflow-wrap: anywhere; }
tbody tr:first-child td { border-top: 0; }
tbody tr:target, tbody tr:focus { background: color-mix(in srgb, var(--focus) 9%, transparent); outline: none; }
.number { text-align: right; }
td.message { white-space: normal; min-width: 17rem; overflow-wrap: anywhere; }
td.note { min-width: 12rem; }
td.path { white-space: normal; overflow-wrap: anywhere; min-width: 12rem; }
.detail { display: block; color: var(--muted); }
.why { margin: 0; padding-left: 1.1rem; }
.checked li { margin-bottom: 0.25rem; }
.tag { white-space: nowrap; }
.tag::before { content: ""; display: inline-block; width: 0.65em; height: 0.65em; margin-right: 0.45em; border-radius: 2px; background: var(--tone); }

.timeline { list-style: none; padding: 0; margin: 1rem 0 0; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.timeline li { display: grid; grid-template-columns: minmax(0, 17rem) minmax(0, 1fr) minmax(0, 11rem); gap: 0 1.25rem; align-items: center; padding: 0.3rem 0; }
.timeline li + li { border-top: 1px solid var(--rule); }
.when-axis { color: var(--muted); font-size: 0.8rem; }
.ends { display: flex; justify-content: space-between; gap: 1rem; }
.when { display: block; width: 100%; height: 16px; }
.when-name, .when-who { overflow-wrap: anywhere; }
.span { fill: var(--skipped); }
.span.open { fill: none; stroke: var(--skipped); stroke-width: 1.5; stroke-dasharray: 3 2; vector-effect: non-scaling-stroke; }

.steps { padding: 0; margin: 1.25rem 0 0; list-style: none; counter-reset: step; }
.steps > li { position: relative; padding: 0 0 1.75rem 2.75rem; counter-increment: step; }
.steps > li::before { content: counter(step); position: absolute; left: 0; top: -0.1rem; width: 1.75rem; height: 1.75rem; border: 1px solid var(--rule); border-radius: 50%; text-align: center; line-height: 1.65rem; font-size: 0.85rem; color: var(--muted); }
.steps > li > p { max-width: 46rem; }
.steps p code { white-space: nowrap; }
.plain { padding-left: 1.25rem; margin: 0; }
.plain li { margin-bottom: 0.5rem; overflow-wrap: anywhere; }
.copying { position: relative; }
.copying > button { position: absolute; top: 0.5rem; right: 0.5rem; background: var(--card); }
pre { background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 0.8rem 1rem; margin: 0 0 1rem; overflow: auto; line-height: 1.6; max-height: 24rem; }
pre.command { white-space: pre-wrap; overflow-wrap: anywhere; padding-right: 5rem; }
.as-text { margin-top: 0.75rem; }
.as-text summary { cursor: pointer; color: var(--muted); font-size: 0.875rem; padding: 0.25rem 0; }
.notice { border-left: 3px solid var(--bad); padding: 0.25rem 0 0.25rem 1rem; }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--muted); font-size: 0.85rem; }

@media (max-width: 48rem) {
  body { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.5rem; }
  .timeline li { grid-template-columns: 1fr; gap: 0.2rem; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print {
  html { font-size: 10pt; background: none; }
  body { max-width: none; padding: 0; }
  section { margin-top: 1.5rem; }
  .scroll, pre { max-height: none; overflow: visible; border-color: #ccc; background: none; }
  pre, td, td.message { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0; }
  td.number { white-space: nowrap; overflow-wrap: normal; }
  th { position: static; white-space: normal; }
  th, td { padding: 0.25rem 0.4rem; font-size: 8pt; }
  tr, .segment, .steps > li > h3 { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .tools, .keys, .readout, .copying > button, .as-text, .skip { display: none; }
  .track, .when, .legend svg, .tag::before { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`
