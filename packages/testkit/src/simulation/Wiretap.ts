/**
 * Reads along on the wire to the broker, to see states worth reaching that only its answers show.
 *
 * Keeps true: it changes nothing and is no part of the trace; what ships knows nothing of it. It takes bytes as they
 * arrive, so that it knows no more than the two ends of a connection do.
 * Leaves to others: counting (`Sometimes`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Api from "@millrace/core/protocol/Api"
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import * as Frame from "@millrace/core/protocol/Frame"
import * as Message from "@millrace/core/protocol/Message"
import { AddOffsetsToTxnResponse } from "@millrace/core/protocol/messages/AddOffsetsToTxn"
import { AddPartitionsToTxnResponse } from "@millrace/core/protocol/messages/AddPartitionsToTxn"
import { EndTxnResponse } from "@millrace/core/protocol/messages/EndTxn"
import { FetchRequest } from "@millrace/core/protocol/messages/Fetch"
import { HeartbeatResponse } from "@millrace/core/protocol/messages/Heartbeat"
import { InitProducerIdResponse } from "@millrace/core/protocol/messages/InitProducerId"
import { JoinGroupResponse } from "@millrace/core/protocol/messages/JoinGroup"
import { MetadataResponse } from "@millrace/core/protocol/messages/Metadata"
import { OffsetCommitResponse } from "@millrace/core/protocol/messages/OffsetCommit"
import { ProduceResponse } from "@millrace/core/protocol/messages/Produce"
import { SyncGroupResponse } from "@millrace/core/protocol/messages/SyncGroup"
import { TxnOffsetCommitResponse } from "@millrace/core/protocol/messages/TxnOffsetCommit"
import type { Point } from "./Sometimes.ts"
import type { Universe } from "./Universe.ts"

/** The answers that are looked into. */
const responses = new Map<number, Message.Any>(
  [
    ProduceResponse,
    MetadataResponse,
    OffsetCommitResponse,
    JoinGroupResponse,
    HeartbeatResponse,
    SyncGroupResponse,
    InitProducerIdResponse,
    AddPartitionsToTxnResponse,
    AddOffsetsToTxnResponse,
    EndTxnResponse,
    TxnOffsetCommitResponse
  ].map((response) => [response.apiKey, response])
)

const keyOf = (name: Api.Name): number => Api.byName(name).key
const endTxn = keyOf("EndTxn")
const fetch = keyOf("Fetch")
const heartbeat = keyOf("Heartbeat")
const metadata = keyOf("Metadata")
const produce = keyOf("Produce")

const isFenced = (code: number): boolean =>
  code === ErrorCode.INVALID_PRODUCER_EPOCH || code === ErrorCode.PRODUCER_FENCED

const isForgottenMember = (code: number): boolean =>
  code === ErrorCode.UNKNOWN_MEMBER_ID || code === ErrorCode.ILLEGAL_GENERATION
  || code === ErrorCode.FENCED_INSTANCE_ID

/** What an error code in an answer says has happened; undefined if nothing of note. */
const pointOf = (apiKey: number, code: number): Point | undefined => {
  if (isFenced(code)) {
    if (apiKey === endTxn) return "a producer was fenced in mid-commit"
    return apiKey === produce ? "a zombie wrote after it was fenced" : "a fenced producer was told so by a coordinator"
  }
  if (isForgottenMember(code)) {
    return apiKey === heartbeat
      ? "a member lived on after its group had given it up"
      : "offsets of a member that its group had given up were refused"
  }
  switch (code) {
    case ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER:
      return "a gap in the sequence of a producer was refused"
    case ErrorCode.CONCURRENT_TRANSACTIONS:
      return "a transaction had to wait for the end of the one before"
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
      return "a coordinator was asked while it read its log"
    case ErrorCode.INVALID_TXN_STATE:
      return "a transaction was ended by its coordinator before its producer"
    case ErrorCode.KAFKA_STORAGE_ERROR:
      return "a request met a log that was offline"
    default:
      return undefined
  }
}

/** Calls with every field of this name, wherever it is. */
const visit = (value: unknown, see: (code: number) => void): void => {
  if (Array.isArray(value)) {
    for (const one of value) visit(one, see)
  } else if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
    for (const [name, field] of Object.entries(value)) {
      if (name === "errorCode" && typeof field === "number") see(field)
      else visit(field, see)
    }
  }
}

/** How long after its last wish for records of a changelog an app counts as restoring, in microseconds. */
const restoringUs = 300_000

/**
 * One connection to the broker.
 *
 * @since 0.1.0
 */
export class TappedConnection {
  readonly #wiretap: Wiretap
  readonly #client: string
  readonly #requests = new Frame.FrameDecoder()
  readonly #responses = new Frame.FrameDecoder()
  /** Requests that were not answered yet, by correlation id. */
  readonly #open = new Map<number, { readonly api: Api.Api; readonly version: number }>()
  #isOfChangelogs = false

  constructor(wiretap: Wiretap, client: string) {
    this.#wiretap = wiretap
    this.#client = client
  }

  /** Bytes have arrived at the broker. */
  requested(bytes: Uint8Array): void {
    for (const frame of this.#requests.push(bytes).frames) this.#wiretap.attempt(() => this.#request(frame))
  }

  /** Bytes have arrived at the client. */
  answered(bytes: Uint8Array): void {
    for (const frame of this.#responses.push(bytes).frames) this.#wiretap.attempt(() => this.#response(frame))
  }

  /** The connection has failed. */
  broken(): void {
    for (const { api } of this.#open.values()) {
      if (api.key === endTxn) this.#wiretap.reach("a commit was never answered")
      if (api.key === produce) this.#wiretap.reach("a produce request was never answered")
    }
    this.#open.clear()
  }

  #request(frame: Uint8Array): void {
    const reader = new ByteReader(frame)
    const key = reader.int16()
    const version = reader.int16()
    const correlationId = reader.int32()
    const api = Api.byKey(key)
    if (api === undefined) return
    this.#open.set(correlationId, { api, version })
    this.#wiretap.happens(this.#client, "asks", api)
    if (key !== fetch) return
    reader.position = 0
    Frame.readRequestHeaderUnsafe(reader)
    const { topics } = Message.readUnsafe(FetchRequest, version, reader)
    if (topics.some(({ topicId }) => this.#wiretap.isChangelog(topicId))) this.#isOfChangelogs = true
    if (this.#isOfChangelogs) this.#wiretap.restores(this.#client)
  }

  #response(frame: Uint8Array): void {
    const reader = new ByteReader(frame)
    const correlationId = reader.int32()
    const asked = this.#open.get(correlationId)
    this.#open.delete(correlationId)
    if (asked !== undefined) this.#wiretap.happens(this.#client, "hears", asked.api)
    const response = asked === undefined ? undefined : responses.get(asked.api.key)
    if (asked === undefined || response === undefined) return
    reader.position = 0
    Frame.readResponseHeaderUnsafe(asked.api, asked.version, reader)
    if (asked.api.key === metadata) {
      this.#wiretap.learn(Message.readUnsafe(MetadataResponse, asked.version, reader))
      return
    }
    visit(Message.readUnsafe(response, asked.version, reader), (code) => {
      if (code === ErrorCode.NONE) return
      const point = pointOf(asked.api.key, code)
      if (point !== undefined) this.#wiretap.reach(point)
      if (code === ErrorCode.REBALANCE_IN_PROGRESS) this.#wiretap.rebalances(this.#client)
    })
  }
}

/**
 * Reads along on all connections to the broker.
 *
 * @since 0.1.0
 */
export class Wiretap {
  readonly #universe: Universe
  readonly #broker: string
  readonly #changelogs = new Set<string>()
  readonly #restoringUntilUs = new Map<string, number>()

  constructor(universe: Universe, broker: string) {
    this.#universe = universe
    this.#broker = broker
  }

  /** A client has asked the broker something, or has heard its answer. */
  happens(client: string, does: "asks" | "hears", { name }: Api.Api): void {
    const { moments } = this.#universe
    moments.happens(client, does, name)
    moments.happens(this.#broker, does === "asks" ? "is asked" : "has answered", name)
  }

  /** Someone has connected. */
  connected(client: string): TappedConnection {
    return new TappedConnection(this, client)
  }

  reach(point: Point): void {
    this.#universe.sometimes.reach(point)
  }

  /** Bytes that cannot be read (somebody may send any) are passed over. */
  attempt(read: () => void): void {
    Message.attempt(read)
  }

  learn({ topics }: MetadataResponse): void {
    for (const { name, topicId } of topics) if (name?.endsWith("-changelog")) this.#changelogs.add(topicId)
  }

  isChangelog(topicId: string): boolean {
    return this.#changelogs.has(topicId)
  }

  /** A client reads a changelog. */
  restores(client: string): void {
    this.#restoringUntilUs.set(client, this.#universe.nowUs + restoringUs)
    this.reach("an app restored its state")
  }

  /** A client has heard that its group gathers anew. */
  rebalances(client: string): void {
    this.reach("a member heard that its group gathers anew")
    if ((this.#restoringUntilUs.get(client) ?? 0) > this.#universe.nowUs) {
      this.reach("a group gathered anew while an app restored its state")
    }
  }
}
