/** The style of the page; its hash is in the page's policy, so that no other style or script has any effect. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #f7f7f5; --card: #ffffff; --ink: #1c2024; --soft: #5b646d; --line: #dcdfe2; --bar: #2f6f9f;
  --alarm: #a3261b; --alarm-paper: #fdf0ee; --calm: #22663b; --link: #1d5c8c; --code: #f1f2f4;
  --heat-1: #c3dcf0; --heat-2: #93c4e4; --heat-3: #5ba3d2; --heat-4: #2f7fb9; --heat-5: #14599a; --heat-6: #0a2f62;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1c2125; --ink: #e4e7ea; --soft: #a0abb5; --line: #343b42; --bar: #6bb0e0;
    --alarm: #ff9d92; --alarm-paper: #33201e; --calm: #84cf9d; --link: #86c1ec; --code: #262c32;
    --heat-1: #23435c; --heat-2: #2c6287; --heat-3: #3a86b8; --heat-4: #66aedb; --heat-5: #a3d2f0; --heat-6: #eef8ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; overflow-wrap: anywhere; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
header, main, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.5rem; }
footer { padding-bottom: 2rem; color: var(--soft); font-size: 0.87rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.6rem; }
h3 { font-size: 1rem; margin: 0; }
h4 { font-size: 0.87rem; margin: 1rem 0 0.25rem; color: var(--soft); font-weight: 600; }
p { margin: 0.4rem 0; }
a { color: var(--link); }
.soft { color: var(--soft); }
nav { margin-top: 1rem; }
nav a { display: inline-block; margin-right: 1rem; }
:focus-visible { outline: 3px solid var(--bar); outline-offset: 2px; border-radius: 4px; }
.sums { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.75rem; margin: 1.1rem 0 0; }
.sums div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.6rem 0.9rem; }
.sums dt { color: var(--soft); font-size: 0.87rem; }
.sums dd { margin: 0; font-size: 1.5rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
.sums .bad dd { color: var(--alarm); }
.alarm { background: var(--alarm-paper); border: 1px solid var(--alarm); border-radius: 8px; padding: 0.6rem 1rem; margin: 1.25rem 0 0; }
.alarm h2 { margin: 0; font-size: 1rem; color: var(--alarm); }
.alarm ul { margin: 0.3rem 0; padding-left: 1.2rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.9rem; }
figcaption { color: var(--soft); font-size: 0.87rem; }
svg { display: block; }
svg rect { fill: var(--bar); }
svg line { stroke: var(--line); }
svg text { fill: var(--soft); font-size: 11px; }
.timeline { width: 100%; height: auto; }
.spark { width: 9rem; height: 1.75rem; }
.wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.4rem 0.9rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-size: 0.87rem; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 500; min-width: 12rem; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.groups { list-style: none; margin: 0; padding: 0; }
.groups > li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin-bottom: 0.6rem; }
.groups > li > details > summary { display: grid; grid-template-columns: 1rem minmax(0, 1fr) 9rem 11rem; gap: 0.2rem 0.9rem; align-items: center; padding: 0.7rem 1rem; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
.groups > li > details > summary::before { content: "\\25B8"; color: var(--soft); }
.groups > li > details[open] > summary::before { content: "\\25BE"; }
summary h3 { grid-column: 2; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; }
details[open] > summary h3 { display: block; }
.tags { grid-column: 2; grid-row: 2; color: var(--soft); font-size: 0.87rem; }
summary .spark { grid-column: 3; grid-row: 1 / 3; }
.much { grid-column: 4; grid-row: 1 / 3; text-align: right; color: var(--soft); font-size: 0.87rem; font-variant-numeric: tabular-nums; }
.much strong { display: block; color: var(--ink); font-size: 1.2rem; line-height: 1.2; }
.body { border-top: 1px solid var(--line); padding: 0.2rem 1rem 1rem 2.9rem; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 999px; padding: 0 0.55rem; font-size: 0.8rem; color: var(--ink); white-space: nowrap; }
.tag.act { border-color: var(--bar); }
.tag.done { border-color: var(--calm); color: var(--calm); }
.tag.bad { border-color: var(--alarm); color: var(--alarm); }
.rows { list-style: none; margin: 0; padding: 0; }
.rows > li { padding: 0.3rem 0; border-bottom: 1px solid var(--line); }
.rows > li:last-child { border-bottom: 0; }
.meter { width: 8rem; height: 0.6rem; }
svg .track { fill: var(--code); }
.path { max-width: 100%; height: auto; }
.path rect { fill: var(--code); stroke: var(--line); }
.path .open { fill: var(--alarm-paper); stroke: var(--alarm); }
.path text { fill: var(--ink); }
.path .kind { fill: var(--soft); }
.path line { stroke: var(--soft); stroke-width: 1.5; }
.heat { margin-bottom: 0.75rem; }
.heat h3 { margin-bottom: 0.4rem; }
.scroll { overflow-x: auto; }
.scroll > svg { width: 100%; min-width: 44rem; height: auto; }
.heat .gap { stroke: var(--soft); stroke-dasharray: 3 3; }
svg .l0 { fill: none; stroke: var(--soft); }
svg .l1 { fill: var(--heat-1); }
svg .l2 { fill: var(--heat-2); }
svg .l3 { fill: var(--heat-3); }
svg .l4 { fill: var(--heat-4); }
svg .l5 { fill: var(--heat-5); }
svg .l6 { fill: var(--heat-6); }
.scale { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; list-style: none; margin: 0.4rem 0; padding: 0; }
.box { display: inline-block; width: 0.8rem; height: 0.8rem; vertical-align: -0.1rem; }
.apart { margin: 1.2rem 0 0.5rem; }
.numbers > summary { cursor: pointer; padding: 0.4rem 0; color: var(--link); }
.numbers > summary::-webkit-details-marker { display: inline; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 0.3rem 1.2rem; margin: 0.7rem 0 0; }
.facts dt { color: var(--soft); font-size: 0.8rem; }
.facts dd { margin: 0; }
.steps { margin: 0.2rem 0; padding-left: 1.3rem; }
code, pre { font-family: ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; font-size: 0.84rem; }
pre { background: var(--code); border-radius: 6px; padding: 0.55rem 0.75rem; margin: 0.35rem 0; white-space: pre-wrap; }
@media (max-width: 44rem) {
  .groups > li > details > summary { grid-template-columns: 1rem minmax(0, 1fr); }
  summary .spark { grid-column: 2; grid-row: 3; }
  .much { grid-column: 2; grid-row: 4; text-align: left; }
  .body { padding-left: 1rem; }
}
@media print {
  .groups > li, figure, tr { break-inside: avoid; }
  .heat path, .heat rect { print-color-adjust: exact; }
  nav { display: none; }
  body { background: none; }
}
`;
