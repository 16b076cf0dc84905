/**
 * A timeline as a page: processes as lanes, messages as arrows, faults as bands, events below.
 *
 * Keeps true: one file, which loads nothing; light or dark as the reader has it.
 * Leaves to others: how it is drawn (`pageScript`), what happened (`Timeline`).
 *
 * @since 0.1.0
 */
import { script } from "./pageScript.ts"
import { style } from "./pageStyle.ts"
import type { Timeline } from "./Timeline.ts"

const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

/** JSON that ends no script. */
const jsonOf = (timeline: Timeline): string => JSON.stringify(timeline).replace(/</g, "\\u003c")

/**
 * The page of a timeline.
 *
 * @since 0.1.0
 */
export const render = (timeline: Timeline): string => {
  const { endUs, findings, hash, messages, processes, title } = timeline
  const facts = `${(endUs / 1_000_000).toFixed(3)} s of virtual time, ${processes.length} processes, `
    + `${messages.length} messages, trace ${hash}`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<style>${style}</style>
<header>
  <h1>${escape(title)}</h1>
  <ul class="findings">${findings.map((finding) => `<li>${escape(finding)}</li>`).join("")}</ul>
  <p>${escape(facts)}</p>
</header>
<nav>
  <span class="zoom"><button id="out" title="Show more time">−</button><button id="in" title="Show less time">+</button
  ><button id="faults" title="Show the time of the faults">faults</button><button id="all" title="Show all the time">all</button
  ></span>
  <span id="apis"></span>
</nav>
<div id="stage"><canvas id="lanes"></canvas><div id="tip" hidden></div></div>
<p class="hint">Drag or ← → to move through time, scroll or + − to zoom, f for the faults, a for all; point at what you want to know.</p>
<section><h2>Events</h2><ol id="events"></ol></section>
<script type="application/json" id="data">${jsonOf(timeline)}</script>
<script>${script}</script>
</html>
`
}
