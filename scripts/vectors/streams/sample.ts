/**
 * `node scripts/vectors/streams/sample.ts FROM TO`: makes the project's own selection of stream vectors from all of them.
 *
 * Of each case it takes the first spec whose operators are there and that runs; the rest differ in their inputs only.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { check } from "../streams.ts"
import { specsOf } from "./specs.ts"

const [from, to] = process.argv.slice(2)
if (from === undefined || to === undefined) throw new Error("usage: sample.ts FROM TO")

const taken = new Map<string, Array<string>>()
const cases = new Set<string>()
for (const spec of specsOf(from)) {
  const name = spec.name.slice(0, spec.name.lastIndexOf("/"))
  if (cases.has(name) || check(spec)._tag !== "Passed") continue
  cases.add(name)
  taken.set(spec.area, [...taken.get(spec.area) ?? [], JSON.stringify(spec)])
}
mkdirSync(to, { recursive: true })
for (const [area, lines] of taken) {
  writeFileSync(join(to, `${area}.jsonl.gz`), gzipSync(`${lines.join("\n")}\n`, { level: 9 }))
}
process.stdout.write(`${cases.size} specs in ${taken.size} files\n`)
