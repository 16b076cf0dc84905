import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Api from "@millrace/core/protocol/Api"
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import * as Frame from "@millrace/core/protocol/Frame"
import * as Message from "@millrace/core/protocol/Message"
import { ApiVersionsRequest, ApiVersionsResponse } from "@millrace/core/protocol/messages/ApiVersions"
import { MetadataRequest } from "@millrace/core/protocol/messages/Metadata"
import { ProduceRequest } from "@millrace/core/protocol/messages/Produce"
import { ProtocolError } from "@millrace/core/protocol/ProtocolError"

const frameOf = (size: number, fill: number): Uint8Array => {
  const bytes = new Uint8Array(size + 4).fill(fill)
  new DataView(bytes.buffer).setInt32(0, size)
  return bytes
}

const concat = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(chunks.flatMap((chunk) => [...chunk]))

const Sizes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 })))

describe("FrameDecoder", () => {
  it.effect.prop(
    "gives the same frames however the bytes are cut",
    [Sizes, Sizes],
    ([sizes, cuts]) =>
      Effect.sync(() => {
        const frames = sizes.map((size, i) => frameOf(size, i))
        const stream = concat(frames)
        const decoder = new Frame.FrameDecoder()
        const seen: Array<Uint8Array> = []
        let at = 0
        for (const cut of [...cuts, stream.length]) {
          seen.push(...decoder.push(stream.subarray(at, at + cut)).frames)
          at = Math.min(stream.length, at + cut)
        }
        assert.deepStrictEqual(seen.map((frame) => [...frame]), frames.map((frame) => [...frame.subarray(4)]))
        assert.strictEqual(decoder.pendingBytes, 0)
      }),
    { arbitrary: { runs: 100 } }
  )

  it.effect.prop(
    "keeps nothing of the chunks when it has a memory, whose buffers it uses again",
    [Sizes, Sizes],
    ([sizes, cuts]) =>
      Effect.sync(() => {
        const frames = sizes.map((size, i) => frameOf(40 * size, i))
        const stream = concat(frames)
        const ready: Array<Uint8Array> = []
        const spare = (size: number) => size <= 8192 ? ready.pop() : undefined
        const take = (size: number) => spare(size) ?? new Uint8Array(Math.max(size, 8192))
        const decoder = new Frame.FrameDecoder(20_000, { spare, take })
        const lent = new Uint8Array(stream.length)
        const seen: Array<Array<number>> = []
        let at = 0
        for (const cut of [...cuts, stream.length]) {
          const chunk = stream.subarray(at, at + 50 * cut)
          lent.set(chunk)
          const completed = decoder.push(lent.subarray(0, chunk.length)).frames
          lent.fill(255)
          for (const frame of completed) {
            seen.push([...frame])
            if (frame.buffer.byteLength === 8192) ready.push(new Uint8Array(frame.buffer))
          }
          at = Math.min(stream.length, at + 50 * cut)
        }
        assert.deepStrictEqual(seen, frames.map((frame) => [...frame.subarray(4)]))
      }),
    { arbitrary: { runs: 100 } }
  )

  it("gives views of frames within a chunk, and one exact buffer for the others", () => {
    const stream = concat([frameOf(10, 1), frameOf(20_000, 2)])
    const decoder = new Frame.FrameDecoder()
    const [first] = decoder.push(stream.subarray(0, 9_000)).frames
    assert.strictEqual(first!.buffer, stream.buffer)
    const [second] = decoder.push(stream.subarray(9_000)).frames
    assert.strictEqual(second!.buffer.byteLength, 20_000)
  })

  it("gives a frame of no bytes as soon as its length is there", () => {
    assert.strictEqual(new Frame.FrameDecoder().push(new Uint8Array(4)).frames.length, 1)
  })

  it("holds no more than a constant times what came, whatever the length says", () => {
    const decoder = new Frame.FrameDecoder(2 ** 31 - 1)
    decoder.push(new Uint8Array([0x7f, 0xff, 0xff, 0xff]))
    assert.strictEqual(decoder.pendingBytes, 0)
    for (let sent = 1; sent < 20_000; sent++) {
      decoder.push(new Uint8Array(1))
      assert.isAtMost(decoder.pendingBytes, Math.max(4096, 4 * sent))
    }
  })

  it("refuses negative and oversized lengths after the frames before them, and for good", () => {
    for (const [length, reason] of [[[0xff, 0xff, 0xff, 0xff], "Malformed"], [[0, 0, 0, 11], "Oversized"]] as const) {
      const decoder = new Frame.FrameDecoder(10)
      const { failure, frames } = decoder.push(concat([frameOf(10, 1), new Uint8Array(length), new Uint8Array(50)]))
      assert.strictEqual(frames.length, 1)
      assert.instanceOf(failure, ProtocolError)
      assert.strictEqual(failure?.reason, reason)
      assert.deepStrictEqual(decoder.push(frameOf(1, 1)), { frames: [], failure })
    }
  })
})

describe("headers", () => {
  const only = (chunks: ReadonlyArray<Uint8Array>): ByteReader =>
    new ByteReader(new Frame.FrameDecoder().push(concat(chunks)).frames[0]!)

  it("of requests: version 2 with flexible messages, version 1 otherwise", () => {
    for (const version of [8, 9]) {
      const options = { version, correlationId: 7, clientId: "c" }
      const reader = only(Frame.encodeRequestUnsafe(MetadataRequest, options, { topics: [] }))
      const header = Frame.readRequestHeaderUnsafe(reader)
      assert.deepStrictEqual(header, { requestApiKey: 3, requestApiVersion: version, correlationId: 7, clientId: "c" })
      assert.deepStrictEqual(Message.readUnsafe(MetadataRequest, version, reader).topics, [])
      assert.strictEqual(reader.remaining, 0)
    }
  })

  it("of requests in versions that nobody knows can be read", () => {
    const bytes = Message.encodeBytesUnsafe(ApiVersionsRequest, 0, {})
    for (const version of [-1, 99]) {
      const head = new Uint8Array([0, 18, version >> 8, version, 0, 0, 0, 5, 0xff, 0xff, 0])
      const header = Frame.readRequestHeaderUnsafe(new ByteReader(concat([head, bytes])))
      assert.deepInclude(header, { requestApiVersion: version, correlationId: 5, clientId: null })
    }
  })

  it("of requests to APIs that nobody knows are refused", () => {
    const result = Message.attempt(() =>
      Frame.readRequestHeaderUnsafe(new ByteReader(new Uint8Array([0x12, 0x34, 0, 0])))
    )
    assert.strictEqual(result._tag, "Failure")
  })

  it("of responses: version 0 for ApiVersions, always", () => {
    const response = { errorCode: 0, apiKeys: [], throttleTimeMs: 0 }
    const reader = only(Frame.encodeResponseUnsafe(ApiVersionsResponse, { version: 3, correlationId: 7 }, response))
    const header = Frame.readResponseHeaderUnsafe(Api.byName("ApiVersions"), 3, reader)
    assert.deepStrictEqual(header, { correlationId: 7 })
    assert.deepInclude(Message.readUnsafe(ApiVersionsResponse, 3, reader), response)
    assert.strictEqual(reader.remaining, 0)
  })

  it("the length counts what goes by reference", () => {
    const records = new Uint8Array(100_000).fill(1)
    const topicData = [{ name: "t", partitionData: [{ index: 0, records }, { index: 1, records }] }]
    const options = { version: 9, correlationId: 1, clientId: null }
    const chunks = Frame.encodeRequestUnsafe(ProduceRequest, options, { acks: 1, timeoutMs: 1, topicData })
    const bytes = Buffer.concat(chunks)
    assert.strictEqual(bytes.readInt32BE(0), bytes.length - 4)
  })
})
