/** For the pages of the console and its door, on top of `style.ts`. */
export const CONSOLE_STYLE = `
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .5rem; z-index: 1; padding: .5rem .8rem; background: var(--sheet); border-radius: 6px; }
.who { display: flex; align-items: center; gap: .75rem; margin: 0; font-size: .9375rem; min-width: 0; }
.nav { max-width: 44rem; margin: 0 auto .75rem; padding: 0 .5rem; }
.nav ul { display: flex; flex-wrap: wrap; gap: .15rem; margin: 0; padding: 0; list-style: none; }
.nav a { display: inline-flex; align-items: center; gap: .4rem; min-height: 2.75rem; padding: .25rem .6rem; border-radius: 8px; color: var(--ink); text-decoration: none; }
.nav a:hover { background: var(--green-soft); }
.nav a[aria-current] { background: var(--sheet); box-shadow: inset 0 0 0 1px var(--line); font-weight: 600; }
.count { min-width: 1.5rem; padding: 0 .4rem; border-radius: 99px; border: 1px solid var(--line); color: var(--soft); font-size: .8125rem; font-weight: 600; line-height: 1.4rem; text-align: center; }
.count.some { background: var(--amber-soft); border-color: var(--amber); color: var(--amber-text); }
.cards, .rows { margin: 1rem 0 0; padding: 0; list-style: none; }
.card { margin-bottom: .85rem; padding: .9rem 1rem; border: 1px solid var(--line); border-left: 4px solid var(--amber); border-radius: 8px; }
.card h2, .card h3 { margin: 0 0 .3rem; font: 600 1.0625rem/1.35 var(--sans); }
.card h2 a { text-underline-offset: .3em; }
.card form { margin-top: .6rem; }
.line { margin: .15rem 0 0; font-size: .9375rem; }
.soon { color: var(--red-text); font-weight: 600; }
.witness { display: block; }
section > .facts + .note { margin-top: .8rem; }
.note.inline { display: inline; }
.rows > li { padding: .75rem 0; border-top: 1px solid var(--line); }
.rows > li > form { margin-top: .4rem; }
.filter { margin: 1rem 0; }
.search { display: grid; grid-template-columns: 1fr auto; gap: .5rem; }
.filter details { margin-top: .5rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .75rem 1rem; margin-top: .6rem; }
input[type=search], input[type=date], input.plain, select { width: 100%; min-height: 2.75rem; padding: .5rem .7rem; color: var(--ink); background: var(--sheet); border: 1px solid var(--soft); border-radius: 6px; font: 1rem/1.4 var(--sans); }
.console button, .button { display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem; padding: .4rem 1rem; border: 1.5px solid var(--soft); border-radius: 8px; background: transparent; color: var(--ink); font: 600 1rem/1.2 var(--sans); text-decoration: none; cursor: pointer; }
.console button[hidden] { display: none; }
.console button.approve, .button { background: var(--green); border-color: var(--green); color: var(--green-ink); }
.console button.reject { border-color: var(--red); color: var(--red); }
.console .decide button { min-height: 3.25rem; font-size: 1.0625rem; }
.button.second { background: transparent; border-color: var(--soft); color: var(--ink); }
.console button.plain { min-height: 2.25rem; padding: .2rem .7rem; border: 1px solid var(--line); font-weight: 400; font-size: .9375rem; }
.console button.wide, .door .button { width: 100%; max-width: 26rem; min-height: 3.25rem; font-size: 1.0625rem; }
.door form { margin: 1.1rem 0 .6rem; }
.door .note { margin-top: .6rem; }
.buttons > button:only-child { grid-column: 1 / -1; }
.pager { display: flex; justify-content: space-between; margin-top: 1rem; }
.pager a { display: inline-flex; align-items: center; min-height: 2.75rem; }
.file { max-height: 30rem; overflow: auto; }
p.banner { margin: .8rem 0; }
.console main > .facts { margin-bottom: 1rem; }
main > .facts, section > .facts { margin-bottom: 1rem; }
.periods ul { display: flex; flex-wrap: wrap; gap: .4rem; margin: .6rem 0; padding: 0; list-style: none; }
.periods a { display: inline-flex; align-items: center; gap: .4rem; min-height: 2.75rem; padding: .25rem .8rem; border: 1px solid var(--line); border-radius: 99px; color: var(--ink); text-decoration: none; }
.periods a[aria-current] { background: var(--green-soft); border-color: var(--green-text); color: var(--green-text); font-weight: 600; }
.figures { width: 100%; margin-top: 1.1rem; border-collapse: collapse; font-size: .9375rem; }
.figures caption { padding-bottom: .2rem; font-weight: 600; text-align: left; }
.figures th, .figures td { padding: .3rem .75rem .3rem 0; border-top: 1px solid var(--line); font-weight: 400; text-align: left; vertical-align: baseline; }
.figures thead th { color: var(--soft); font-size: .875rem; }
.figures .number { width: 5.5rem; font-variant-numeric: tabular-nums; text-align: right; }
.figures .bar { width: 35%; padding-right: 0; }
.figures svg { display: block; width: 100%; height: .6rem; }
.figures rect { fill: var(--green); }
.rows .line { display: block; }
@media (min-width: 46rem) { .nav { padding: 0; } .nav a { padding: .25rem .8rem; } .buttons > button:only-child { grid-column: auto; } }
`;
