/**
 * What importing a module costs: run in a process of its own, so that nothing is loaded already.
 */
import * as NodeChild from "node:child_process"

/** Modules of ours that were loaded, the tables of messages among them, and how long it took. */
export interface Loaded {
  readonly modules: number
  readonly tables: number
  readonly ms: number
}

const script = (specifier: string): string => `
  import { registerHooks } from "node:module"
  const urls = []
  registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
  const start = performance.now()
  await import(${JSON.stringify(specifier)})
  const ms = performance.now() - start
  const ours = urls.filter((url) => url.includes("/core/src/"))
  const tables = ours.filter((url) => url.includes("/protocol/messages/"))
  console.log(JSON.stringify({ modules: ours.length, tables: tables.length, ms }))
`

/** Imports `specifier` in a new process. */
export const loadAlone = (specifier: string): Loaded => {
  const options = { cwd: import.meta.dirname, encoding: "utf8" } as const
  const output = NodeChild.execFileSync(process.execPath, ["--input-type=module", "-e", script(specifier)], options)
  return JSON.parse(output) as Loaded
}
