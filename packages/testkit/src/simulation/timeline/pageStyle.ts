/**
 * How the page of a timeline looks, light and dark.
 *
 * @since 0.1.0
 */

/**
 * The style sheet.
 *
 * @since 0.1.0
 */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #fbfbfa; --panel: #ffffff; --ink: #1d2129; --soft: #6a7280; --line: #d9dce2; --lane: #b9c0cc;
  --fault: #e5484d; --fault-fill: rgba(229, 72, 77, .13); --pause: #d9a400; --accent: #3b6fd8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14161a; --panel: #1b1e24; --ink: #e7e9ee; --soft: #969eac; --line: #30353f; --lane: #4b5362;
    --fault: #ff6b70; --fault-fill: rgba(255, 107, 112, .16); --pause: #e6bd3e; --accent: #7fa6ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 24px clamp(16px, 3vw, 48px) 64px; background: var(--ground); color: var(--ink);
  font: 14px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { margin: 0; font-size: 20px; font-weight: 650; letter-spacing: -.01em; }
h2 { margin: 28px 0 8px; font-size: 14px; font-weight: 650; }
header p, .hint { margin: 4px 0; color: var(--soft); font-variant-numeric: tabular-nums; }
.findings { margin: 6px 0; padding: 0; list-style: none; }
.findings li { color: var(--fault); font-weight: 550; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: 6px 16px; align-items: center; margin: 16px 0 8px; }
nav button, nav label {
  border: 1px solid var(--line); background: var(--panel); color: var(--ink); border-radius: 6px; padding: 2px 9px;
  font: inherit; font-size: 12px; cursor: pointer;
}
nav .zoom button { margin-right: -1px; border-radius: 0; min-width: 32px; }
nav .zoom button:first-child { border-radius: 6px 0 0 6px; }
nav .zoom button:last-child { border-radius: 0 6px 6px 0; }
#apis { display: flex; flex-wrap: wrap; gap: 6px; }
nav label { border-radius: 99px; display: inline-flex; gap: 6px; align-items: center; user-select: none; }
nav label i { width: 8px; height: 8px; border-radius: 50%; }
nav label.off { color: var(--soft); opacity: .6; }
nav input { position: absolute; opacity: 0; pointer-events: none; }
nav label:focus-within, nav button:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
#stage { position: relative; border: 1px solid var(--line); border-radius: 10px; background: var(--panel); overflow: hidden; }
#lanes { display: block; width: 100%; cursor: grab; touch-action: none; }
#tip {
  position: absolute; max-width: 420px; padding: 6px 10px; border-radius: 6px; pointer-events: none; font-size: 12px;
  background: var(--ink); color: var(--ground); box-shadow: 0 4px 16px rgba(0, 0, 0, .25); white-space: pre-line;
}
#events { margin: 0; padding: 0; list-style: none; font: 12px/1.6 ui-monospace, SFMono-Regular, Menlo, monospace; }
#events li { display: flex; gap: 12px; padding: 0 6px; border-radius: 4px; cursor: pointer; overflow-wrap: anywhere; }
#events li:hover { background: color-mix(in srgb, var(--accent) 12%, transparent); }
#events time { color: var(--soft); font-variant-numeric: tabular-nums; flex: none; }
#events .fault { color: var(--fault); }
`
