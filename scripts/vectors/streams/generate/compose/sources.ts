/** Topics that are read, as streams and as tables. */
import type { Erased } from "@millrace/core/serde/Erased"
import { type Draft, text } from "./draft.ts"
import { isVersioned, materialized } from "./materialized.ts"

/** A stream of a topic that is not read yet, or a table. */
export const source = (draft: Draft): void => {
  const { inputs, random } = draft
  if (random.chance(0.1)) return longs(draft)
  const topic = ["in", "in2", "in3"].find((each) => !inputs.has(each))
  if (topic === undefined || random.chance(0.45)) return table(draft)
  inputs.set(topic, "string")
  const serdes = random.chance(0.8) ? { key: "string", value: "string" } : {}
  const time = random.chance(0.1)
    ? { timestampExtractor: random.pick(["valueAt", "usePartitionTime", "logAndSkip"]) }
    : {}
  const reset = random.chance(0.05) ? { offsetReset: random.pick(["earliest", "latest"]) } : {}
  draft.add("stream", { ...topics(draft, topic), ...serdes, ...time, ...reset, ...draft.name(0.15) }, text)
}

/** One topic, sometimes several or those of a pattern. */
const topics = ({ inputs, random }: Draft, topic: string): Erased => {
  if (random.chance(0.07)) {
    inputs.delete(topic)
    for (const each of [`${topic}-a`, `${topic}-b`]) inputs.set(each, "string")
    return { pattern: `${topic}-.*` }
  }
  if (random.chance(0.07)) {
    inputs.set(`${topic}x`, "string")
    return { topics: [topic, `${topic}x`] }
  }
  return { topic }
}

const table = (draft: Draft): void => {
  const topic = ["tab", "tab2"].find((each) => !draft.inputs.has(each))
  if (topic === undefined) return
  draft.inputs.set(topic, "string")
  const store = materialized(draft, "string", 0.5)
  draft.add(
    "table",
    { topic, key: "string", value: "string", ...store, ...draft.name(0.1) },
    { is: "table", value: "string", versioned: isVersioned(store) }
  )
}

/** A stream or a table of numbers. */
const longs = (draft: Draft): void => {
  const { inputs, random } = draft
  const is = random.pick(["stream", "table"] as const)
  const topic = is === "stream" ? "nums" : "numtab"
  if (inputs.has(topic)) return
  inputs.set(topic, "long")
  const store = is === "stream" ? {} : materialized(draft, "long", 1)
  draft.add(
    is,
    { topic, key: "string", value: "long", ...store, ...draft.name(0.1) },
    { is, value: "long", versioned: isVersioned(store) }
  )
}
