/**
 * Reads specs from a directory of gzip'd JSON lines, one file per area, or from one such file.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import type { Spec } from "./spec.ts"

/** Which specs are taken: those whose name has this text in it, and of them each nth. */
export interface Selection {
  readonly only?: string | undefined
  readonly every?: number | undefined
}

const isFile = (name: string) => name.endsWith(".jsonl.gz")

/** The specs of a directory. */
export const specsOf = function*<S extends Spec>(directory: string, selection: Selection = {}): Generator<S> {
  const { every = 1, only = "" } = selection
  const files = isFile(directory)
    ? [directory]
    : readdirSync(directory).filter(isFile).sort().map((name) => join(directory, name))
  let seen = 0
  for (const file of files) {
    for (const line of gunzipSync(readFileSync(file)).toString("utf8").split("\n")) {
      if (line === "") continue
      const spec = JSON.parse(line) as S
      if (spec.name.includes(only) && seen++ % every === 0) yield spec
    }
  }
}
