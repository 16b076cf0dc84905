/**
 * Planted bugs: changes of the source that are made while it is loaded, for one run of the simulation only. Each has to
 * be found, as the anomaly that it should cause; one that nothing finds is a gap in the checker or in the workload.
 *
 * Keeps true: nothing that ships knows of them. The text to be replaced must be there once, so that none is planted in vain.
 */
import * as NodeFs from "node:fs"
import * as NodeModule from "node:module"
import * as NodePath from "node:path"
import * as NodeUrl from "node:url"
import { clients } from "./mutants/client.ts"
import { groups } from "./mutants/groups.ts"
import type { Mutant } from "./mutants/Mutant.ts"
import { storage } from "./mutants/storage.ts"
import { streams } from "./mutants/streams.ts"
import { transactions } from "./mutants/transactions.ts"

export type { Edit, Mutant } from "./mutants/Mutant.ts"

/** All of them, by where they are planted. */
export const mutants: ReadonlyArray<Mutant> = [...storage, ...transactions, ...groups, ...clients, ...streams]

const root = NodePath.join(import.meta.dirname, "..", "..")

/** The changed files, by path; throws if a text is not there once. */
export const apply = ({ edits, hardships = [], name }: Mutant): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>()
  for (const { file, find, replace } of [...edits, ...hardships]) {
    const path = NodePath.join(root, file)
    const text = texts.get(path) ?? NodeFs.readFileSync(path, "utf8")
    if (text.split(find).length !== 2) throw new Error(`mutant ${name}: its text is not there once in ${file}`)
    texts.set(path, text.replace(find, () => replace))
  }
  return texts
}

/** Plants a bug into what is loaded from now on. */
export const plant = (mutant: Mutant): void => {
  const texts = apply(mutant)
  NodeModule.registerHooks({
    load: (url, context, nextLoad) => {
      const text = url.startsWith("file:") ? texts.get(NodeUrl.fileURLToPath(url)) : undefined
      return text === undefined
        ? nextLoad(url, context)
        : { format: "module", source: NodeModule.stripTypeScriptTypes(text), shortCircuit: true }
    }
  })
}
