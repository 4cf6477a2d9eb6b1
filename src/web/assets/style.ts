/** The one style sheet. Colours are pairs that keep a contrast of 4.5 to 1 and more in either scheme. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f5f4f0; --sheet: #fff; --ink: #1d1c1a; --soft: #5d5a53; --line: #dcd8ce; --well: #f8f7f3;
  --green: #1f5c4a; --green-ink: #fff; --green-soft: #e4f0ea; --green-text: #1b5342;
  --red: #98282c; --red-soft: #fbe9e8; --red-text: #8a2226;
  --amber: #b98a1d; --amber-soft: #fdf3d9; --amber-text: #664600;
  --mark: #ffdfa8; --mark-ink: #552a00;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, "Liberation Serif", serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131412; --sheet: #1c1d1b; --ink: #ecebe6; --soft: #a9a69c; --line: #383833; --well: #161715;
    --green: #2b7a60; --green-ink: #fff; --green-soft: #16302a; --green-text: #8fd6b8;
    --red: #ee8f8a; --red-soft: #3a1f1e; --red-text: #f5aba6;
    --amber: #c69a37; --amber-soft: #33290f; --amber-text: #f1d48c;
    --mark: #5d3c0c; --mark-ink: #ffe2b3;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.5 var(--sans); overflow-wrap: anywhere; }
.top, main, footer { max-width: 44rem; margin: 0 auto; padding: 0 1rem; }
.top { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding-top: 1rem; padding-bottom: 1rem; }
.brand { display: inline-flex; align-items: center; gap: .55rem; font: 600 1.15rem/1 var(--serif); letter-spacing: .01em; }
.brand img { display: block; }
main { background: var(--sheet); border: 1px solid var(--line); border-width: 1px 0; padding-top: 1.25rem; padding-bottom: 1.25rem; }
h1 { margin: 0 0 .35rem; font: 600 1.5rem/1.28 var(--serif); letter-spacing: -.005em; text-wrap: pretty; }
h1 code { font-size: .86em; font-weight: 600; }
h1 mark { font-size: .6em; }
h2 { margin: 0; font: 600 1rem/1.4 var(--sans); }
p { margin: 0 0 .5rem; }
code, pre { font-family: var(--mono); font-variant-ligatures: none; }
code { font-size: .92em; unicode-bidi: isolate; }
b, strong { font-weight: 600; }
a { color: var(--green-text); }
section { margin-top: 1.5rem; }
.muted, .note, footer { color: var(--soft); }
.note { display: block; font-size: .875rem; }
.small { font-size: .875rem; }
.kicker { margin: 0 0 .35rem; color: var(--soft); font-size: .875rem; font-weight: 600; }
.byline { font-size: .9375rem; }
.pill, .tag { display: inline-block; border-radius: 99px; font-size: .8125rem; font-weight: 600; line-height: 1.5; padding: .1rem .65rem; border: 1px solid var(--line); }
.tag { padding: 0 .5rem; color: var(--soft); }
.tag.hostile, .pill.unsure, .pill.waiting { background: var(--amber-soft); color: var(--amber-text); border-color: var(--amber); }
.pill.good { background: var(--green-soft); color: var(--green-text); border-color: currentColor; }
.pill.bad { background: var(--red-soft); color: var(--red-text); border-color: currentColor; }
h3 { margin: 1.1rem 0 0; font: 600 .9375rem/1.4 var(--sans); }
section > h2 + .facts { margin-top: .5rem; }
section > h2 + p, section > .head + p { margin-top: .25rem; }
.facts { margin: 1.1rem 0 0; border-top: 1px solid var(--line); }
.facts > div { display: grid; grid-template-columns: 4.5rem 1fr; gap: .75rem; padding: .6rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); font-size: .9375rem; }
dd { margin: 0; min-width: 0; }
.quorum { display: block; }
.quorum .note { display: inline; margin-left: .35rem; }
.trust { display: block; font-size: .875rem; }
.tag.verified { background: var(--green-soft); color: var(--green-text); border-color: currentColor; }
.tag.claimed, .tag.changed, .tag.added, .tag.removed { background: var(--amber-soft); color: var(--amber-text); border-color: var(--amber); }
.effect { font-weight: 600; }
.effect.bad { color: var(--red-text); }
.digest { font-size: .75rem; word-break: break-all; }
.about { margin-top: .6rem; font-size: .9375rem; }
summary { cursor: pointer; color: var(--soft); }
.quote { margin: .5rem 0 0; padding-left: .8rem; border-left: 3px solid var(--line); white-space: pre-wrap; unicode-bidi: isolate; }
.banner { margin: 0 0 1.25rem; padding: .8rem 1rem; border: 1px solid; border-left-width: 4px; border-radius: 6px; }
h1 ~ .banner { margin: 1.25rem 0 0; }
.banner h2 { margin-bottom: .15rem; }
.banner p, .banner ul { margin: 0; }
.banner ul { padding-left: 1.1rem; }
.banner.good { background: var(--green-soft); border-color: var(--green); color: var(--green-text); }
.banner.bad { background: var(--red-soft); border-color: var(--red); color: var(--red-text); }
.banner.unsure, .banner.waiting { background: var(--amber-soft); border-color: var(--amber); color: var(--amber-text); }
.banner a { color: inherit; font-weight: 600; }
.head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .25rem .75rem; }
.arg { margin-top: .75rem; }
.arg-head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .75rem; margin: 0 0 .25rem; font-size: .875rem; }
.arg-head code { font-weight: 600; font-size: .9375rem; }
.value { margin: 0; padding: .7rem .8rem; background: var(--well); border: 1px solid var(--line); border-radius: 6px; font-size: .875rem; line-height: 1.55; white-space: pre-wrap; overflow-wrap: anywhere; overflow: hidden; tab-size: 4; unicode-bidi: isolate; }
.value.none { color: var(--soft); font-style: italic; }
mark { background: var(--mark); color: var(--mark-ink); border-radius: 3px; padding: 0 .3em; margin: 0 .1em; font: 600 .85em var(--sans); white-space: normal; unicode-bidi: isolate; }
.lay { color: var(--soft); font-style: normal; opacity: .75; user-select: none; }
details > summary:has(.head-of) { list-style: none; }
.ends, .ends .value { display: block; }
.ends .value { color: var(--ink); }
.gap { display: block; padding: .35rem .8rem; color: var(--amber-text); font-size: .875rem; font-weight: 600; }
.arg.changed, .arg.added, .arg.removed { padding-left: .7rem; border-left: 4px solid var(--amber); }
ins { background: var(--green-soft); color: var(--green-text); text-decoration: none; }
del { background: var(--red-soft); color: var(--red-text); text-decoration: none; }
.was { margin-top: .4rem; }
.was .small { margin: 0 0 .2rem; color: var(--soft); }
.was .value { border-style: dashed; }
.decoded { margin-top: .4rem; padding-left: .8rem; border-left: 3px solid var(--amber); font-size: .875rem; }
.tick { display: flex; align-items: center; gap: .6rem; min-height: 2.75rem; margin: .4rem 0 0; }
.tick input { width: 1.5rem; height: 1.5rem; flex: none; margin: 0; accent-color: var(--green); }
.tick label { flex: 1; margin: 0; padding: .6rem 0; }
.said { padding: .8rem 1rem; border: 2px dashed var(--amber); border-radius: 6px; }
.said blockquote { margin: .5rem 0; padding: .2rem .8rem; font-family: var(--mono); font-size: .9375rem; }
.story { margin: .5rem 0 0; padding: 0; list-style: none; }
.story li { padding: .6rem 0; border-top: 1px solid var(--line); }
.story p { margin: 0 0 .15rem; }
.story .quote { margin: .2rem 0 .3rem; }
.obstacle { padding: .6rem .8rem; border: 1px solid var(--amber); border-radius: 6px; background: var(--amber-soft); color: var(--amber-text); }
.obstacle a { color: inherit; font-weight: 600; }
.told { margin: .8rem 0 0; padding: .6rem .8rem; border: 1px solid var(--red); border-radius: 6px; background: var(--red-soft); color: var(--red-text); }
.news { padding: .6rem .8rem; border: 1px solid var(--green); border-radius: 6px; background: var(--green-soft); color: var(--green-text); }
.otherwise { margin: .8rem 0; }
.otherwise summary { min-height: 2.75rem; line-height: 2.75rem; }
.more { display: block; margin-top: .4rem; font-size: .9375rem; font-weight: 600; color: var(--green-text); text-decoration: underline; }
.head-of { border-bottom: 2px dashed var(--amber); }
.tail-of { border-top: 2px dashed var(--amber); }
details[open] > summary .ends, details[open] .when-shut, details:not([open]) .when-open { display: none; }
details[open] > summary .more { margin: 0 0 .4rem; }
.decisions { margin: .5rem 0 0; padding: 0; list-style: none; }
.decisions li { padding: .5rem 0; border-top: 1px solid var(--line); }
.decide { margin: 1.75rem -1rem -1.25rem; padding: 1.25rem 1rem 1rem; border-top: 1px solid var(--line); background: var(--well); }
.decide h2 { margin-bottom: .5rem; }
.field { margin-top: .9rem; }
label { display: block; margin-bottom: .3rem; font-weight: 600; }
label .muted { font-weight: 400; }
label code { padding: .05em .35em; background: var(--sheet); border: 1px solid var(--line); border-radius: 4px; }
input[type=text], textarea { width: 100%; padding: .7rem .8rem; color: var(--ink); background: var(--sheet); border: 1px solid var(--soft); border-radius: 6px; font: 1rem/1.4 var(--sans); }
input[type=text] { font-family: var(--mono); }
textarea { resize: vertical; }
[aria-invalid=true] { border-color: var(--red); border-width: 2px; }
.buttons { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; margin: 1.1rem 0 .8rem; }
button { min-height: 3.25rem; padding: .5rem 1rem; border-radius: 8px; border: 1.5px solid; font: 600 1.0625rem/1.2 var(--sans); cursor: pointer; }
button[hidden] { display: none; }
button:disabled { opacity: .6; cursor: progress; }
.decide a.button { display: inline-flex; align-items: center; justify-content: center; min-height: 3.25rem; padding: .5rem 1.25rem; border: 1.5px solid; border-radius: 8px; font-weight: 600; text-decoration: none; }
.approve { background: var(--green); border-color: var(--green); color: var(--green-ink); }
.reject { background: transparent; border-color: var(--red); color: var(--red); }
.approve:hover { filter: brightness(1.12); }
.reject:hover { background: var(--red-soft); }
:focus-visible { outline: 3px solid var(--amber); outline-offset: 2px; }
.message { margin: 1rem 0; }
footer { padding-top: 1rem; padding-bottom: 2.5rem; font-size: .8125rem; }
.fine { margin: 0 0 .75rem; }
.fine div { margin-bottom: .2rem; }
.fine dt { display: inline; font-size: inherit; }
.fine dt::after { content: ": "; }
.fine dd { display: inline; }
.jump { position: sticky; bottom: 0; margin: 1rem -1rem 0; padding: .25rem 1rem; text-align: center; background: var(--well); border-top: 1px solid var(--line); }
.jump a { display: inline-flex; align-items: center; min-height: 2.75rem; font-weight: 600; }
.jump + .decide { margin-top: 0; border-top: 0; }
html { scroll-padding-bottom: 4rem; }
@media (min-width: 46rem) {
  .jump { display: none; }
  .jump + .decide { margin-top: 2rem; border-top: 1px solid var(--line); }
  .top, footer { padding-left: 0; padding-right: 0; }
  .top { padding-top: 1.75rem; }
  main { border-width: 1px; border-radius: 10px; padding: 2rem 2.25rem; box-shadow: 0 1px 2px rgb(0 0 0 / 5%), 0 8px 28px rgb(0 0 0 / 5%); }
  h1 { font-size: 1.75rem; }
  .facts > div { grid-template-columns: 8rem 1fr; }
  .decide { margin: 2rem -2.25rem -2rem; padding: 1.75rem 2.25rem 1.5rem; border-radius: 0 0 10px 10px; }
  .buttons { max-width: 34rem; }
}
`;
