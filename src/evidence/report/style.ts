/** The style of every page of a bundle. Colours keep a contrast of 4.5 to 1 and more in either scheme; paper is light. */
export const STYLE = `
:root {
  --page: #f5f4f0; --sheet: #fff; --ink: #1d1c1a; --soft: #5d5a53; --line: #dcd8ce; --well: #f8f7f3;
  --link: #1b5342; --first: #1f5c4a; --second: #8fb8a6; --third: #98282c;
  --mark: #ffdfa8; --mark-ink: #552a00; --amber: #b98a1d; --amber-soft: #fdf3d9; --amber-text: #664600;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, "Liberation Serif", serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
@media screen { :root { color-scheme: light dark; } }
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #131412; --sheet: #1c1d1b; --ink: #ecebe6; --soft: #a9a69c; --line: #383833; --well: #161715;
    --link: #8fd6b8; --first: #57b591; --second: #2f5a4b; --third: #ee8f8a;
    --mark: #5d3c0c; --mark-ink: #ffe2b3; --amber: #c69a37; --amber-soft: #33290f; --amber-text: #f1d48c;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.5 var(--sans); overflow-wrap: anywhere; }
main { max-width: 58rem; margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 3rem) 3rem; background: var(--sheet); }
h1 { margin: 0 0 .5rem; max-width: 22em; font: 600 clamp(1.5rem, 4.5vw, 2.1rem)/1.2 var(--serif); text-wrap: balance; }
h2 { margin: 0 0 .6rem; font: 600 1.3rem/1.3 var(--serif); }
h3 { margin: 1.6rem 0 .4rem; font: 600 1.05rem/1.4 var(--sans); }
h4 { margin: 0 0 .3rem; font: 600 1rem/1.4 var(--sans); }
p, li, dd { max-width: 44rem; }
p { margin: 0 0 .7rem; }
ul { margin: 0 0 .7rem; padding-left: 1.2rem; }
code, pre { font-family: var(--mono); font-variant-ligatures: none; }
code { font-size: .88em; unicode-bidi: isolate; }
a { color: var(--link); }
section { margin-top: 2.6rem; padding-top: 1.4rem; border-top: 1px solid var(--line); }
.kicker { margin: 0 0 .6rem; color: var(--soft); font-weight: 600; }
.lead { font-size: 1.1rem; }
.byline, .note, .count { color: var(--soft); }
.note { font-size: .875rem; font-weight: 400; }
dd > .note { display: block; }
.count { font-weight: 400; }
.id { font-family: var(--mono); font-size: .85em; }
code.id { display: block; color: var(--soft); font-size: .75rem; }
.digest { display: block; font-size: .8rem; word-break: break-all; }
.away { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.keys { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.6rem 0 0; padding: 0; list-style: none; }
.keys li { padding: .8rem .9rem; background: var(--well); border: 1px solid var(--line); border-radius: 6px; }
.keys b { display: block; font: 600 1.5rem/1.2 var(--serif); }
.keys span { color: var(--soft); font-size: .875rem; }
.contents ol { margin: 0; padding-left: 1.4rem; columns: 17rem 2; column-gap: 2rem; }
.facts { margin: 0 0 .7rem; border-top: 1px solid var(--line); }
.facts > div { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: .2rem 1rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); font-size: .9375rem; }
dd { margin: 0; min-width: 0; }
.words { margin: 0; }
.words > div { display: grid; grid-template-columns: 12rem minmax(0, 1fr); gap: .1rem 1rem; padding: .3rem 0; }
.words dt { color: var(--ink); font-weight: 600; }
.words dt code { font-weight: 400; }
figure { display: grid; grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr); gap: .6rem 2rem; align-items: start; margin: 1.5rem 0 0; padding: 0; }
figcaption, figure > p { grid-column: 1 / -1; margin: 0; }
figcaption .note { display: block; max-width: 44rem; }
.many > .drawn, .many > .tables { grid-column: 1 / -1; }
.many > .tables { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0 1.5rem; }
.chart { display: block; width: 100%; max-width: 34rem; height: auto; font: 12px var(--sans); overflow: visible; }
.many .chart { max-width: 46rem; }
@media (min-width: 44rem) { .many .chart { font-size: 7.5px; } }
.many tbody th { white-space: nowrap; }
.chart text { fill: var(--ink); }
.chart .rule { stroke: var(--line); fill: none; }
rect.first { fill: var(--first); } rect.second { fill: var(--second); } rect.third { fill: var(--third); } rect.bed { fill: var(--well); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .3rem 0 0; font-size: .875rem; }
.swatch { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; }
.swatch.first { background: var(--first); } .swatch.second { background: var(--second); } .swatch.third { background: var(--third); }
table { width: 100%; margin: 0 0 .7rem; border-collapse: collapse; font-size: .875rem; line-height: 1.4; }
th, td { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 400; }
.wide tbody th { width: 13rem; font-weight: 600; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.none, .none th { color: var(--soft); }
.rows th { overflow-wrap: normal; }
.rows td { min-width: 3rem; }
.rows time { white-space: nowrap; }
.rows [data-of=Call] { min-width: 11rem; }
.rows [data-of=What], .rows [data-of=Kind] { min-width: 9rem; }
.rows [data-of=Person], .rows [data-of=Who], .rows [data-of="Proven by"] { min-width: 6.5rem; }
.rows [data-of=Entry] { font-variant-numeric: tabular-nums; }
.control { margin: 1rem 0 0; padding: .9rem 1rem .2rem; background: var(--well); border: 1px solid var(--line); border-radius: 6px; }
.framework { margin-top: 2.2rem; padding-bottom: .2rem; border-bottom: 2px solid var(--first); font-size: 1.1rem; }
.quote { margin: .3rem 0 .5rem; padding-left: .8rem; border-left: 3px solid var(--line); white-space: pre-wrap; unicode-bidi: isolate; }
mark { background: var(--mark); color: var(--mark-ink); border-radius: 3px; padding: 0 .3em; margin: 0 .1em; font: 600 .85em var(--sans); white-space: normal; unicode-bidi: isolate; }
.lay { color: var(--soft); font-style: normal; opacity: .75; }
.tag { display: inline-block; font-family: var(--sans); border: 1px solid var(--amber); border-radius: 99px; padding: 0 .5rem; background: var(--amber-soft); color: var(--amber-text); font-size: .8125rem; font-weight: 600; }
.arg { margin: .8rem 0 0; }
.arg p { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; max-width: none; margin: 0 0 .2rem; font-size: .875rem; }
.value { margin: 0; padding: .6rem .8rem; background: var(--well); border: 1px solid var(--line); border-radius: 6px; font-size: .875rem; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; unicode-bidi: isolate; }
summary { cursor: pointer; color: var(--soft); }
.story { margin: 0; padding: 0; list-style: none; }
.story li { max-width: none; padding: .6rem 0; border-top: 1px solid var(--line); break-inside: avoid; }
.story p { margin: 0 0 .15rem; }
footer { margin-top: 2.6rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .8125rem; }
@media screen and (max-width: 44rem) {
  figure, .many > .tables, .facts > div, .words > div { grid-template-columns: minmax(0, 1fr); }
  .rows thead { display: none; }
  .rows, .rows tbody, .rows tr, .rows td { display: block; }
  .rows tr { padding: .6rem 0; border-bottom: 1px solid var(--line); }
  .rows td, .rows td[data-of] { min-width: 0; }
  .rows td { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: .75rem; padding: .1rem 0; border: 0; text-align: left; }
  .rows td::before { content: attr(data-of); color: var(--soft); }
  .rows td > code.id { grid-column: 2; }
  .rows td:empty { display: none; }
}
@page { margin: 17mm 15mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); font: 9pt sans-serif; color: #5d5a53; } }
@media print {
  html { font-size: 9.5pt; }
  body, main { background: none; }
  main { max-width: none; padding: 0; }
  a { color: inherit; text-decoration: none; }
  h1 { font-size: 20pt; }
  h2, h3, h4, h2 + p, figcaption, thead { break-after: avoid; }
  thead { display: table-header-group; }
  table:not(:has(tbody tr:nth-child(9))), section[aria-labelledby=log], figure, tr, .control, .keys li, .facts > div, .words > div { break-inside: avoid; }
  section { margin-top: 1.8rem; padding-top: 1rem; }
  .control, .keys li, .value, .tag, rect, .swatch, mark { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
