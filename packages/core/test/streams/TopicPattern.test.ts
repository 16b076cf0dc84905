import { KStream, Serde, Topic, Topology } from "@millrace/core"
import * as TopicPattern from "@millrace/core/streams/TopicPattern"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

const serdes = { key: Serde.string, value: Serde.string }
const out = Topic.make("out", serdes)

const subscribed = (...patterns: ReadonlyArray<RegExp>) => {
  const sources = patterns.map((pattern) => KStream.to(KStream.fromPattern(pattern, serdes), out))
  const resolved = Result.getOrThrow(Topology.resolve(Topology.make(...sources), { applicationId: "app" }))
  const subscription = TopicPattern.subscription(resolved)
  assert.instanceOf(subscription, RegExp)
  return (name: string) => subscription.test(name)
}

describe("TopicPattern", () => {
  it("subscribes to what its patterns match, each by its own flags", () => {
    const matches = subscribed(/ORDERS-\d+/i, /eu\..*/)
    const matched = ["orders-1", "Orders-22", "eu.x", "EU.x", "orders-", "my-orders-1", "eu-x"].filter(matches)
    assert.deepStrictEqual(matched, ["orders-1", "Orders-22", "eu.x"])
  })

  it("knows letters where a pattern asks for them", () => {
    assert.deepStrictEqual(["straße", "123"].filter(subscribed(/\p{L}+/u)), ["straße"])
  })
})
