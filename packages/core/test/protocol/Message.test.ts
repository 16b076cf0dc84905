import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { messageElementsMax } from "@millrace/core/limits"
import { type AnyField, type Fields, isIn } from "@millrace/core/protocol/Field"
import * as Message from "@millrace/core/protocol/Message"
import { ApiVersionsRequest } from "@millrace/core/protocol/messages/ApiVersions"
import { FetchRequest, FetchResponse } from "@millrace/core/protocol/messages/Fetch"
import { MetadataRequest } from "@millrace/core/protocol/messages/Metadata"
import { ProduceRequest, ProduceResponse } from "@millrace/core/protocol/messages/Produce"
import { ConsumerProtocolSubscription } from "@millrace/core/protocol/messages/data/ConsumerProtocolSubscription"
import { EndTxnMarker } from "@millrace/core/protocol/messages/data/EndTxnMarker"
import { OffsetCommitKey, OffsetCommitValue } from "@millrace/core/protocol/messages/records/OffsetCommit"
import { TopicRecord } from "@millrace/core/protocol/messages/records/TopicRecord"
import { ProtocolError } from "@millrace/core/protocol/ProtocolError"
import * as Uuid from "@millrace/core/protocol/Uuid"
import { messages, messageVersions } from "./tables.ts"

const refused = (run: () => unknown): ProtocolError => {
  const result = Message.attempt(run)
  assert.isTrue(Result.isFailure(result), "was not refused")
  return (result as Result.Failure<never, ProtocolError>).failure
}

/** What JavaScript without types may do. */
const encodeAny = <X extends Message.Any>(message: X, version: number, input: unknown) =>
  Message.encode(message, version, input as Message.Input<X>)

describe("Message", () => {
  it("an element of a collection takes at least a byte in every version that has it", () => {
    for (const { message, version } of messageVersions) {
      for (const element of elements(message.fields, version)) {
        const bytesMin = minimum(element, version, version >= message.flexibleSince)
        assert.isAbove(bytesMin, 0, `${message.name} ${version}`)
      }
    }
  })

  describe("input", () => {
    it("may leave out what has a default, is tagged, or is not in every version", () => {
      const bytes = Message.encodeBytesUnsafe(ProduceRequest, 9, { acks: -1, timeoutMs: 5, topicData: [] })
      assert.deepStrictEqual(Message.decodeUnsafe(ProduceRequest, 9, bytes), {
        transactionalId: null,
        acks: -1,
        timeoutMs: 5,
        topicData: []
      })
    })

    it("must have the other fields", () => {
      // @ts-expect-error acks is missing
      const error = refused(() => Message.encodeUnsafe(ProduceRequest, 9, { timeoutMs: 5, topicData: [] }))
      assert.strictEqual(error.reason, "Unencodable")
      assert.include(error.message, "acks")
    })

    it("may not set a field that the version lacks, unless it is ignorable", () => {
      const request = { topics: null, allowAutoTopicCreation: false }
      assert.strictEqual(refused(() => Message.encodeUnsafe(MetadataRequest, 1, request)).reason, "Unencodable")
      assert.strictEqual(Message.encodeBytesUnsafe(MetadataRequest, 1, { topics: null }).length, 4)
      const ignorable = { clientSoftwareName: "x", clientSoftwareVersion: "1" }
      assert.strictEqual(Message.encodeBytesUnsafe(ApiVersionsRequest, 0, ignorable).length, 0)
    })

    it("may not be null where the version has no null", () => {
      assert.strictEqual(
        refused(() => Message.encodeUnsafe(MetadataRequest, 0, { topics: null })).reason,
        "Unencodable"
      )
    })

    it("may not exceed its type", () => {
      for (const acks of [32768, 1.5, NaN]) {
        refused(() => Message.encodeUnsafe(ProduceRequest, 9, { acks, timeoutMs: 0, topicData: [] }))
      }
      const long = "x".repeat(0x8000)
      refused(() =>
        Message.encodeUnsafe(ApiVersionsRequest, 3, { clientSoftwareName: long, clientSoftwareVersion: "" })
      )
    })

    it("of another type is refused, whatever it is", () => {
      const wrongs = [true, 1, 1n, "x", Symbol("x"), {}, [], [7], [{}], new Uint8Array(1), () => 1]
      const right = { acks: 1, timeoutMs: 0, topicData: [{ name: "t", partitionData: [{ index: 0, records: null }] }] }
      const places = [
        (wrong: unknown) => wrong,
        (wrong: unknown) => ({ ...right, transactionalId: wrong }),
        (wrong: unknown) => ({ ...right, acks: wrong }),
        (wrong: unknown) => ({ ...right, topicData: wrong }),
        (wrong: unknown) => ({ ...right, topicData: [wrong] }),
        (wrong: unknown) => ({ ...right, topicData: [{ name: "t", partitionData: [{ index: 0, records: wrong }] }] }),
        (wrong: unknown) => ({ ...right, unknownTaggedFields: wrong })
      ]
      for (const place of places) {
        const accepted = wrongs.filter((wrong) => Result.isSuccess(encodeAny(ProduceRequest, 9, place(wrong))))
        assert.isAtMost(accepted.length, 3)
      }
      const booleans = wrongs.filter((wrong) =>
        Result.isSuccess(encodeAny(MetadataRequest, 9, { topics: null, allowAutoTopicCreation: wrong }))
      )
      assert.deepStrictEqual(booleans, [true])
    })

    it("is not written to, and its large byte fields are passed on by reference", () => {
      const records = new Uint8Array(5000).fill(7)
      const topicData = [{ name: "t", partitionData: [{ index: 0, records }] }]
      const chunks = Message.encodeUnsafe(ProduceRequest, 9, { acks: 1, timeoutMs: 0, topicData })
      assert.isTrue(chunks.includes(records))
      const first = Message.encodeUnsafe(ProduceRequest, 9, { acks: 1, timeoutMs: 0, topicData: [] })[0]!
      const copy = first.slice()
      Message.encodeUnsafe(ProduceRequest, 9, { acks: 2, timeoutMs: 9, topicData: [] })
      assert.deepStrictEqual(first, copy)
    })
  })

  it("takes records in pieces", () => {
    const response = (records: Uint8Array | ReadonlyArray<Uint8Array>) => ({
      throttleTimeMs: 0,
      responses: [{
        partitions: [{ partitionIndex: 0, errorCode: 0, highWatermark: 1, abortedTransactions: null, records }]
      }]
    })
    const pieces = [new Uint8Array(2000).fill(1), new Uint8Array(3).fill(2)]
    const whole = Message.encodeBytesUnsafe(FetchResponse, 13, response(new Uint8Array(Buffer.concat(pieces))))
    assert.deepStrictEqual(Message.encodeBytesUnsafe(FetchResponse, 13, response(pieces)), whole)
    assert.isTrue(Message.encodeUnsafe(FetchResponse, 13, response(pieces)).includes(pieces[0]!))
  })

  describe("output", () => {
    it("holds bytes as views, and every field in every version", () => {
      const records = new Uint8Array(10).fill(3)
      const topicData = [{ name: "t", partitionData: [{ index: 0, records }] }]
      const bytes = Message.encodeBytesUnsafe(ProduceRequest, 3, { acks: 1, timeoutMs: 0, topicData })
      const read = Message.decodeUnsafe(ProduceRequest, 3, bytes)
      assert.strictEqual(read.topicData[0]!.partitionData[0]!.records!.buffer, bytes.buffer)
      assert.strictEqual(read.topicData[0]!.topicId, Uuid.zero)
    })

    it("keeps the largest 64-bit integer", () => {
      const partition = { partition: 0, fetchOffset: 2 ** 53, partitionMaxBytes: 1, highWatermark: Infinity }
      const request = { maxWaitMs: 0, minBytes: 0, topics: [{ partitions: [partition] }] }
      const bytes = Message.encodeBytesUnsafe(FetchRequest, 18, request)
      const read = Message.decodeUnsafe(FetchRequest, 18, bytes).topics[0]!.partitions[0]!
      assert.strictEqual(read.highWatermark, 2 ** 63)
      assert.strictEqual(read.fetchOffset, 2 ** 53)
    })

    it("keeps unknown tagged fields, and only where there are any", () => {
      const unknownTaggedFields = [{ tag: 40, data: new Uint8Array([1, 2]) }]
      const bytes = Message.encodeBytesUnsafe(ProduceResponse, 10, { responses: [], unknownTaggedFields })
      const read = Message.decodeUnsafe(ProduceResponse, 10, bytes)
      assert.deepStrictEqual(read.unknownTaggedFields, unknownTaggedFields)
      assert.deepStrictEqual(Message.encodeBytesUnsafe(ProduceResponse, 10, read), bytes)
      const plain = Message.encodeBytesUnsafe(ProduceResponse, 10, { responses: [] })
      assert.isFalse("unknownTaggedFields" in Message.decodeUnsafe(ProduceResponse, 10, plain))
      refused(() => Message.encodeUnsafe(ProduceResponse, 8, { responses: [], unknownTaggedFields }))
    })

    it("starts at an offset and does not mind what follows", () => {
      const bytes = new Uint8Array([9, 9, 0, 0, 0, 7, 9])
      assert.deepStrictEqual(Message.decodeUnsafe(EndTxnMarker, 0, bytes, 2), { coordinatorEpoch: 7 })
    })
  })

  describe("refuses", () => {
    it("versions that a message lacks", () => {
      for (const version of [-1, 2, 19, 4.5]) {
        assert.strictEqual(
          refused(() => Message.decodeUnsafe(FetchRequest, version, new Uint8Array(99))).reason,
          "UnsupportedVersion"
        )
      }
    })

    it("collections that can not fit, before it allocates", () => {
      const bytes = new Uint8Array(100)
      bytes.set([0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff])
      assert.strictEqual(refused(() => Message.decodeUnsafe(FetchResponse, 4, bytes)).reason, "Truncated")
    })
  })

  it("refuses more elements than memory is worth", () => {
    const bytes = new Uint8Array(4 * messageElementsMax)
    bytes.set([0x81, 0x80, 0x80, 0x03])
    const error = refused(() => Message.decodeUnsafe(MetadataRequest, 9, bytes))
    assert.strictEqual(error.reason, "Oversized")
  })

  describe("prefixes", () => {
    it("the type before a coordinator's key, the version before its value", () => {
      const key = { group: "g", topic: "t", partition: 3 }
      const keyBytes = Message.encodePrefixed(OffsetCommitKey, 0, key)
      assert.deepStrictEqual([...keyBytes.subarray(0, 2)], [0, 1])
      assert.deepStrictEqual(Message.decodePrefixed(OffsetCommitKey, keyBytes), key)
      const value = { offset: 5, leaderEpoch: 1, metadata: "", commitTimestamp: 9 }
      const valueBytes = Message.encodePrefixed(OffsetCommitValue, 3, value)
      assert.deepStrictEqual([...valueBytes.subarray(0, 2)], [0, 3])
      assert.deepInclude(Message.decodePrefixed(OffsetCommitValue, valueBytes), value)
      refused(() => Message.decodePrefixed(OffsetCommitKey, new Uint8Array([0, 2, 0, 0])))
    })

    it("the frame of metadata records", () => {
      const bytes = Message.encodePrefixed(TopicRecord, 0, { name: "t", topicId: Uuid.metadataTopic })
      assert.deepStrictEqual([...bytes.subarray(0, 3)], [1, 2, 0])
      assert.deepStrictEqual(Message.decodePrefixed(TopicRecord, bytes), { name: "t", topicId: Uuid.metadataTopic })
    })

    it("blobs in a version of the future are read as the latest known, where Kafka does so", () => {
      const bytes = Message.encodePrefixed(ConsumerProtocolSubscription, 3, { topics: ["t"], rackId: "r" })
      bytes[1] = 9
      assert.deepInclude(Message.decodePrefixed(ConsumerProtocolSubscription, bytes), { topics: ["t"], rackId: "r" })
      const value = Message.encodePrefixed(OffsetCommitValue, 3, { offset: 5, metadata: "", commitTimestamp: 9 })
      value[1] = 9
      assert.strictEqual(refused(() => Message.decodePrefixed(OffsetCommitValue, value)).reason, "UnsupportedVersion")
    })
  })

  it("has 273 messages with distinct names", () => {
    assert.strictEqual(new Set(messages.map((message) => message.name)).size, 273)
  })
})

const elements = (fields: Fields, version: number): ReadonlyArray<AnyField> =>
  Object.values(fields).filter((field) => isIn(field, version)).flatMap((field) => [
    ...(field.element === undefined ? [] : [field.element]),
    ...elements(field.fields ?? field.element?.fields ?? {}, version)
  ])

/** The fewest bytes of a value, 0 where it may take none. */
const minimum = (field: AnyField, version: number, flexible: boolean): number => {
  if (field.kind !== "struct" || flexible) return 1
  return Object.values(field.fields!)
    .filter((inner) => isIn(inner, version) && inner.options.tag === undefined)
    .reduce((sum, inner) => sum + minimum(inner, version, flexible), 0)
}
