/**
 * `node scripts/vectors/streams/generate.ts OUT --seed S --count N [--like DIR] [--only TEXT]`: writes that many new stream
 * vectors, which Kafka's own test driver answers: random topologies, or with `--like` specs of that directory with other
 * inputs, settings and numbers. The same seed makes the same specs. `vectors streams OUT` then holds Millrace against them.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { readArguments } from "../../arguments.ts"
import { compose } from "./generate/compose.ts"
import { mutate } from "./generate/mutate.ts"
import { papi } from "./generate/papi.ts"
import { Random } from "./generate/random.ts"
import { serdes } from "./generate/serdes.ts"
import { script } from "./generate/stores.ts"
import { answers } from "./oracle.ts"
import type { Spec } from "./spec.ts"
import { specsOf } from "./specs.ts"

const usage = "generate.ts OUT --seed S --count N [--like DIR] [--only TEXT]"
const [out, ...words] = process.argv.slice(2)
const given = readArguments(["seed", "count", "like", "only"], usage, words)
if (out === undefined) throw new Error(`usage: ${usage}`)

const seed = Number(given.get("seed")?.at(-1) ?? 1)
const count = Number(given.get("count")?.at(-1) ?? 100)
const like = given.get("like")?.at(-1)
const known = like === undefined ? [] : [...specsOf<Spec>(like, { only: given.get("only")?.at(-1) })]

/** Of the DSL for the most part. */
const kinds = [compose, compose, compose, compose, script, papi, serdes]
const random = new Random(seed)
const specs = Array.from({ length: count }, (_, index) => {
  if (like === undefined) return random.pick(kinds)(random, `generated/${seed}.${index}`)
  const spec = random.pick(known)
  return mutate(spec, random, `${spec.name}/${seed}.${index}`)
})

const byArea = new Map<string, Array<string>>()
for await (const spec of answers(specs)) {
  if ("isTooMuch" in spec) continue
  byArea.set(spec.area, [...byArea.get(spec.area) ?? [], JSON.stringify(spec)])
}
mkdirSync(out, { recursive: true })
for (const [area, lines] of byArea) {
  writeFileSync(join(out, `${area}.jsonl.gz`), gzipSync(`${lines.join("\n")}\n`, { level: 9 }))
}
process.stdout.write(`${count} specs in ${byArea.size} files\n`)
