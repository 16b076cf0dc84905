/**
 * The bytes were written by Kafka Streams 4.3.1 (`SubscriptionInfo`, `AssignmentInfo`).
 */
import * as StreamsProtocol from "@millrace/client/streams/runtime/assignment/StreamsProtocol"
import { assert, describe, it } from "@effect/vitest"

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"))

const processId = "6ca5b1b379cd4916bb7b75dc4971bd42"

const subscription: StreamsProtocol.SubscriptionInfo = {
  processId,
  endPoint: "host:1234",
  offsetSums: new Map([["0_1", -2], ["1_0", 4711], ["1_2", -3]]),
  uniqueField: 3,
  errorCode: 0,
  tags: new Map([["cluster", "k0"], ["zone", "z1"]])
}
const subscriptionHex =
  "0000000b0000000b6ca5b1b379cd4916bb7b75dc4971bd4200000009686f73743a31323334000000030000000000000001" +
  "fffffffffffffffeffff00000001000000000000000000001267ffff0000000100000002fffffffffffffffdffff0300000000000000020000000763" +
  "6c7573746572000000026b30000000047a6f6e65000000027a31"

const assignment: StreamsProtocol.AssignmentInfo = {
  active: ["0_0", "1_2"],
  standby: new Map([["1_0", [{ topic: "app-store-changelog", partition: 0 }, { topic: "in", partition: 0 }]]]),
  activeByHost: [{
    host: "host",
    port: 1234,
    partitions: [{ topic: "in", partition: 0 }, { topic: "in", partition: 1 }]
  }],
  standbyByHost: [{ host: "b", port: 2, partitions: [{ topic: "other", partition: 0 }] }],
  errorCode: 2,
  nextRebalanceMs: 1700000000123
}
/** Kafka numbers the topics as its hash map gives them. */
const assignmentHex =
  "0000000b0000000b00000002000000000000000000000000000000010000000200000000000000010000000100000000000000000000000200136170" +
  "702d73746f72652d6368616e67656c6f67000000000002696e00000000000000020000000000056f74686572000000010002696e0000000100046" +
  "86f7374000004d200000002000000010000000000000001000000010000000100016200000002000000010000000000000000000000020000018b" +
  "cfe5687b"

describe("StreamsProtocol", () => {
  it("writes and reads subscriptions as Kafka Streams does", () => {
    assert.strictEqual(hexOf(StreamsProtocol.encodeSubscription(subscription)), subscriptionHex)
    assert.deepStrictEqual(StreamsProtocol.decodeSubscription(bytesOf(subscriptionHex)), subscription)
    const empty = {
      processId,
      endPoint: undefined,
      offsetSums: new Map(),
      uniqueField: 0,
      errorCode: 0,
      tags: new Map()
    }
    assert.strictEqual(
      hexOf(StreamsProtocol.encodeSubscription(empty)),
      "0000000b0000000b6ca5b1b379cd4916bb7b75dc4971bd420000000000000000000000000000000000"
    )
  })

  it("writes and reads assignments as Kafka Streams does", () => {
    assert.deepStrictEqual(StreamsProtocol.decodeAssignment(bytesOf(assignmentHex)), assignment)
    assert.deepStrictEqual(StreamsProtocol.decodeAssignment(StreamsProtocol.encodeAssignment(assignment)), assignment)
    const empty: StreamsProtocol.AssignmentInfo = {
      active: [],
      standby: new Map(),
      activeByHost: [],
      standbyByHost: [],
      errorCode: 0,
      nextRebalanceMs: Number.POSITIVE_INFINITY
    }
    assert.strictEqual(
      hexOf(StreamsProtocol.encodeAssignment(empty)),
      "0000000b0000000b0000000000000000000000000000000000000000000000007fffffffffffffff"
    )
  })

  it("takes older versions, and nothing, for unknown", () => {
    assert.isUndefined(StreamsProtocol.decodeSubscription(bytesOf("0000000a0000000b")))
    assert.isUndefined(StreamsProtocol.decodeSubscription(null))
    assert.isUndefined(StreamsProtocol.decodeAssignment(bytesOf("00")))
  })
})
