import * as Position from "@millrace/client/streams/Position"
import { NotUpToBound, QueryError } from "@millrace/client/streams/runtime/queries/QueryError"
import * as QueryProtocol from "@millrace/client/streams/runtime/queries/QueryProtocol"
import { kinds } from "@millrace/client/streams/runtime/queries/RawQuery"
import * as Message from "@millrace/core/protocol/Message"
import { ProtocolError } from "@millrace/core/protocol/ProtocolError"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { answer, frameOf, question } from "./samples.ts"

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const Bytes = Schema.Array(Byte)
const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))
const Time = Schema.Int.check(Schema.isBetween({ minimum: -(2 ** 50), maximum: 2 ** 50 }))
const Name = Schema.Literals(["words", "a.b-c", "ä"])
const Component = Schema.Struct({ topic: Name, partition: Count, offset: Count })
const Place = Schema.Struct({ key: Bytes, start: Time, end: Time })

const bytes = (values: ReadonlyArray<number>) => Uint8Array.from(values)
const place = ({ end, key, start }: typeof Place.Type) => ({ key: bytes(key), start, end })

describe("QueryProtocol", () => {
  it.effect.prop(
    "reads the questions that it has written",
    [
      Schema.Struct({
        kind: Schema.Literals(kinds),
        key: Schema.NullOr(Bytes),
        keyTo: Schema.NullOr(Bytes),
        from: Time,
        to: Time,
        isReverse: Schema.Boolean,
        after: Schema.NullOr(Place),
        bound: Schema.Array(Component),
        store: Name,
        partition: Count,
        waitMs: Count,
        lagMax: Schema.NullOr(Schema.Literals([-1, 0, 10_000])),
        entriesMax: Count,
        bytesMax: Count
      })
    ],
    ([{ after, bound, bytesMax, entriesMax, key, keyTo, lagMax, partition, store, waitMs, ...rest }]) =>
      Effect.sync(() => {
        const asked = {
          store,
          partition,
          query: { ...rest, key: key === null ? null : bytes(key), keyTo: keyTo === null ? null : bytes(keyTo) },
          after: after === null ? undefined : place(after),
          bound: Position.fromComponents(bound),
          waitMs,
          // null: any
          lagMax: lagMax ?? Number.POSITIVE_INFINITY,
          page: { entriesMax, bytesMax }
        }
        const read = QueryProtocol.decodeQuestion(frameOf(QueryProtocol.encodeQuestion("app", asked)))
        assert.deepStrictEqual(read, { applicationId: "app", ...asked, after: read.after })
        assert.deepStrictEqual(
          read.after === undefined ? undefined : place({ ...read.after, key: [...read.after.key] }),
          asked.after
        )
      })
  )

  it.effect.prop(
    "reads the answers that it has written",
    [
      Schema.Struct({
        entries: Schema.Array(Schema.Struct({ ...Place.fields, value: Bytes, timestamp: Time })),
        position: Schema.Array(Component),
        isActive: Schema.Boolean,
        isLast: Schema.Boolean
      })
    ],
    ([given]) =>
      Effect.sync(() => {
        const { isActive, isLast } = given
        const entries = given.entries.map(({ timestamp, value, ...rest }) => ({
          ...place(rest),
          value: bytes(value),
          timestamp
        }))
        const position = Position.fromComponents(given.position)
        const written = QueryProtocol.encodeAnswer({ entries, position, isActive, isLast })
        const read = QueryProtocol.decodeAnswer(frameOf(written), question)
        assert.isFalse("_tag" in read)
        if ("_tag" in read) return
        const shown = read.entries.map(({ timestamp, value, ...rest }) => ({
          ...place({ ...rest, key: [...rest.key] }),
          value,
          timestamp
        }))
        assert.deepStrictEqual({ ...read, entries: shown }, { entries, position, isActive, isLast })
      })
  )

  it("reads the failures that it has written, with their reason and what the store had", () => {
    const { bound, partition, store } = question
    const position = Position.of({ topic: "words", partition: 2, offset: 39 })
    const early = QueryProtocol.decodeAnswer(
      frameOf(QueryProtocol.encodeFailure(new NotUpToBound({ store, partition, position, bound }))),
      question
    )
    assert.isTrue(early instanceof NotUpToBound)
    if (early instanceof NotUpToBound) assert.deepStrictEqual([early.position, early.bound], [position, bound])
    for (const reason of ["UnknownStore", "NotPresent", "NotActive", "StoreException", "NotRunning"] as const) {
      const failure = new QueryError({ reason, store, partition, detail: "why".repeat(1000) })
      const read = QueryProtocol.decodeAnswer(frameOf(QueryProtocol.encodeFailure(failure)), question)
      assert.isTrue(read instanceof QueryError && read.reason === reason && read.detail.startsWith("why"))
    }
  })

  const frames = [
    [frameOf(QueryProtocol.encodeQuestion("app", question)), QueryProtocol.decodeQuestion],
    [frameOf(QueryProtocol.encodeAnswer(answer)), (frame: Uint8Array) => QueryProtocol.decodeAnswer(frame, question)]
  ] as const

  it("gives a typed failure for what was cut off", () => {
    for (const [frame, read] of frames) {
      for (let end = 0; end < frame.length; end++) assert.throws(() => read(frame.subarray(0, end)), ProtocolError)
    }
  })

  it.effect.prop(
    "gives a typed failure, and no other, for what was changed on the way",
    [Schema.Array(Schema.Tuple([Count, Byte])), Count],
    ([changes, length]) =>
      Effect.sync(() => {
        for (const [frame, read] of frames) {
          const changed = frame.slice(0, Math.min(frame.length, length))
          for (const [at, byte] of changes) changed[at % changed.length] = byte
          // throws whatever is no ProtocolError
          Message.attempt(() => void read(changed))
        }
      }),
    { arbitrary: { runs: 300 } }
  )

  it("refuses a version that it does not know", () => {
    const frame = frameOf(QueryProtocol.encodeQuestion("app", question)).slice()
    frame[1] = 9
    assert.throws(() => QueryProtocol.decodeQuestion(frame), ProtocolError)
  })
})
