/** Topics that are written. */
import { type Draft, text } from "./draft.ts"

/** Through a topic that is both written and read, or to topics that each record says. */
export const through = (draft: Draft): void => {
  const { random } = draft
  const of = draft.stream()
  if (of === undefined || of.value !== "string") return
  if (random.chance(0.4)) {
    draft.add("to", { of: of.id, topicFn: random.pick(["byKey", "byValuePrefix", "bySource", "byHeader"]) })
    return
  }
  const topic = draft.fresh("mid")
  draft.add("to", { of: of.id, topic })
  draft.add("stream", { topic, key: "string", value: "string" }, text)
}

/** Sends what nothing has read to topics. */
export const sinks = (draft: Draft): void => {
  for (const [index, { id, is, value, windowed }] of draft.unread().entries()) {
    const topic = `out${index}`
    const key = windowed ?? "string"
    const of = is === "stream" ? id : draft.add("toStream", { of: id })
    draft.serdes[topic] = { key, value }
    draft.add("to", { of, topic, key, value, ...draft.name(0.1) })
  }
}
