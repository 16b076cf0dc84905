/**
 * What instances of an app say to each other: a question, then its answer, over and over on one connection.
 *
 * A frame is a length (int32, big-endian), a version (int16) and a message in it, as the tables below say. Who does not know
 * the version of a question answers in version 0 with the failure `Protocol`, and closes.
 *
 * Keeps true: what is written is read back equal; a hostile byte is a `ProtocolError`.
 * Leaves to others: connections (`QueryServer`, `QueryPeers`).
 *
 * @since 0.1.0
 */
import { ByteWriter } from "@millrace/core/protocol/ByteWriter"
import { array, boolean, bytes, int16, int32, int64, int8, string, struct } from "@millrace/core/protocol/Field"
import * as Message from "@millrace/core/protocol/Message"
import { refuse } from "@millrace/core/protocol/ProtocolError"
import * as limits from "../../../limits.ts"
import * as Position from "../../Position.ts"
import type { Answer, Question } from "./LocalAnswers.ts"
import { NotUpToBound, QueryError, type QueryFailure, type Reason } from "./QueryError.ts"
import { kinds, timeMax } from "./RawQuery.ts"

/**
 * The version that is written.
 *
 * @since 0.1.0
 */
export const version = 0

const positionFields = { topic: string(), partitions: array({ partition: int32(), offset: int64() }) }

const placeFields = { key: bytes(), start: int64(), end: int64() }

const QuestionData = Message.data("QueryQuestion", { versions: "0", prefix: "version" }, {
  applicationId: string(),
  store: string(),
  partition: int32(),
  kind: int8(),
  key: bytes({ nullable: true }),
  keyTo: bytes({ nullable: true }),
  from: int64(),
  to: int64(),
  isReverse: boolean(),
  after: struct({ nullable: true }, placeFields),
  bound: array(positionFields),
  waitMs: int32(),
  lagMax: int64(),
  entriesMax: int32(),
  bytesMax: int32()
})

const AnswerData = Message.data("QueryAnswer", { versions: "0", prefix: "version" }, {
  /** 0: there is an answer; -1: `NotUpToBound`; else the place of the reason in `reasons`, from 1. */
  failure: int16(),
  detail: string({ nullable: true }),
  isActive: boolean(),
  position: array(positionFields),
  entries: array({ ...placeFields, value: bytes(), timestamp: int64() }),
  isLast: boolean()
})

/** In the order of the protocol: new ones go to the end. */
const reasons: ReadonlyArray<Reason> = [
  "UnknownStore",
  "UnknownPartition",
  "UnknownQueryType",
  "InvalidBound",
  "NotPresent",
  "NotActive",
  "TooFarBehind",
  "Unavailable",
  "Unreachable",
  "StoreException",
  "Serialization",
  "TooLarge",
  "Protocol",
  "NotRunning"
]

const notUpToBound = -1

/** A detail is for people. */
const detailMaxLength = 1000

/** An unlimited lag is as large as numbers are exact. */
const unlimited = timeMax

type Positions = ReadonlyArray<
  {
    readonly topic: string
    readonly partitions: ReadonlyArray<{ readonly partition: number; readonly offset: number }>
  }
>

const fromPosition = (position: Position.Position): Positions =>
  [...position].map(([topic, offsets]) => ({
    topic,
    partitions: [...offsets].map(([partition, offset]) => ({ partition, offset }))
  }))

const toPosition = (positions: Positions): Position.Position =>
  Position.fromComponents(
    positions.flatMap(({ partitions, topic }) => partitions.map((each) => ({ topic, ...each })))
  )

/** The bytes of a frame. */
const framed = <X extends Message.Any>(message: X, input: Message.Input<X>): ReadonlyArray<Uint8Array> => {
  const writer = new ByteWriter()
  writer.placeholder()
  Message.writePrefixUnsafe(message, version, writer)
  Message.writeUnsafe(message, version, input, writer)
  writer.patchInt32(writer.length - 4)
  return writer.chunks()
}

/**
 * A question to an instance of an app, as a frame; throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const encodeQuestion = (applicationId: string, question: Question): ReadonlyArray<Uint8Array> => {
  const { after, bound, lagMax, page, partition, query, store, waitMs } = question
  return framed(QuestionData, {
    applicationId,
    store,
    partition,
    ...query,
    kind: kinds.indexOf(query.kind),
    after: after === undefined ? null : { key: after.key, start: after.start, end: after.end },
    bound: fromPosition(bound),
    waitMs,
    lagMax: Math.min(lagMax, unlimited),
    ...page
  })
}

/**
 * Reads a question, its frame without the length; what it asks for is cut to what is given. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const decodeQuestion = (frame: Uint8Array): Question & { readonly applicationId: string } => {
  const data = Message.decodePrefixed(QuestionData, frame)
  const { after, applicationId, from, isReverse, key, keyTo, partition, store, to } = data
  const kind = kinds[data.kind] ?? refuse("Malformed", `no query is of kind ${data.kind}`)
  return {
    applicationId,
    store,
    partition,
    query: { kind, key, keyTo, from, to, isReverse },
    after: after ?? undefined,
    bound: toPosition(data.bound),
    waitMs: within(data.waitMs, 0, limits.queryWaitMaxMs),
    lagMax: data.lagMax === unlimited ? Number.POSITIVE_INFINITY : data.lagMax,
    page: {
      entriesMax: within(data.entriesMax, 1, limits.queryPageEntriesMax),
      bytesMax: within(data.bytesMax, 1, limits.queryPageBytesMax)
    }
  }
}

const within = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value))

const noAnswer = { failure: 0, detail: null, isActive: false, position: [], entries: [], isLast: true }

/**
 * An answer, as a frame; it refers to large values. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const encodeAnswer = ({ entries, isActive, isLast, position }: Answer): ReadonlyArray<Uint8Array> =>
  framed(AnswerData, { ...noAnswer, isActive, position: fromPosition(position), entries, isLast })

/**
 * A failure, as a frame.
 *
 * @since 0.1.0
 */
export const encodeFailure = (failure: QueryFailure): ReadonlyArray<Uint8Array> =>
  failure._tag === "NotUpToBound"
    ? framed(AnswerData, { ...noAnswer, failure: notUpToBound, position: fromPosition(failure.position) })
    : framed(AnswerData, {
      ...noAnswer,
      failure: reasons.indexOf(failure.reason) + 1,
      detail: failure.detail.slice(0, detailMaxLength)
    })

/**
 * Reads what answers a question, its frame without the length. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const decodeAnswer = (frame: Uint8Array, question: Question): Answer | QueryFailure => {
  const data = Message.decodePrefixed(AnswerData, frame)
  const { bound, partition, store } = question
  const position = toPosition(data.position)
  if (data.failure === 0) return { entries: data.entries, isActive: data.isActive, isLast: data.isLast, position }
  if (data.failure === notUpToBound) return new NotUpToBound({ store, partition, position, bound })
  const reason = reasons[data.failure - 1] ?? refuse("Malformed", `no failure has the number ${data.failure}`)
  return new QueryError({ reason, store, partition, detail: data.detail ?? "" })
}
