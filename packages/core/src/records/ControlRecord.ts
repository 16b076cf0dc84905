/**
 * Control records: what brokers write between the data, and applications never see.
 *
 * Keeps true: a control batch holds one record; its key says the type, its value is a message of the protocol. Types and
 * versions that came later than this code are read as Kafka reads them: an unknown type as UNKNOWN, a marker's value of
 * a later version as the latest one known, all other values as version 0. Hostile bytes end in `RecordError`.
 * Leaves to others: when a transaction ends, who leads.
 *
 * @since 0.1.0
 */
import { EndTxnMarker } from "../protocol/messages/data/EndTxnMarker.ts"
import { KRaftVersionRecord } from "../protocol/messages/data/KRaftVersionRecord.ts"
import { LeaderChangeMessage } from "../protocol/messages/data/LeaderChangeMessage.ts"
import { SnapshotFooterRecord } from "../protocol/messages/data/SnapshotFooterRecord.ts"
import { SnapshotHeaderRecord } from "../protocol/messages/data/SnapshotHeaderRecord.ts"
import { VotersRecord } from "../protocol/messages/data/VotersRecord.ts"
import * as Message from "../protocol/Message.ts"
import { ProtocolError } from "../protocol/ProtocolError.ts"
import * as Compression from "./Compression.ts"
import { readInt16, writeInt16 } from "./Int64.ts"
import * as RecordBatch from "./RecordBatch.ts"
import { type BuildOptions, RecordBatchBuilder } from "./RecordBatchBuilder.ts"
import { RecordCursor } from "./RecordCursor.ts"
import { invalidRecord } from "./RecordError.ts"

/**
 * The ids that stand in a control record's key.
 *
 * @since 0.1.0
 */
export const ControlType = {
  ABORT: 0,
  COMMIT: 1,
  LEADER_CHANGE: 2,
  SNAPSHOT_HEADER: 3,
  SNAPSHOT_FOOTER: 4,
  KRAFT_VERSION: 5,
  KRAFT_VOTERS: 6
} as const

/**
 * A control record to be written.
 *
 * @since 0.1.0
 */
export type ControlInput =
  | { readonly type: "COMMIT" | "ABORT"; readonly value: Message.Input<typeof EndTxnMarker> }
  | { readonly type: "LEADER_CHANGE"; readonly value: Message.Input<typeof LeaderChangeMessage> }
  | { readonly type: "SNAPSHOT_HEADER"; readonly value: Message.Input<typeof SnapshotHeaderRecord> }
  | { readonly type: "SNAPSHOT_FOOTER"; readonly value: Message.Input<typeof SnapshotFooterRecord> }
  | { readonly type: "KRAFT_VERSION"; readonly value: Message.Input<typeof KRaftVersionRecord> }
  | { readonly type: "KRAFT_VOTERS"; readonly value: Message.Input<typeof VotersRecord> }

/**
 * A control record as it was read.
 *
 * @since 0.1.0
 */
export type ControlRecord =
  & { readonly typeId: number; readonly keyVersion: number }
  & (
    | { readonly type: "COMMIT" | "ABORT"; readonly value: EndTxnMarker }
    | { readonly type: "LEADER_CHANGE"; readonly value: LeaderChangeMessage }
    | { readonly type: "SNAPSHOT_HEADER"; readonly value: SnapshotHeaderRecord }
    | { readonly type: "SNAPSHOT_FOOTER"; readonly value: SnapshotFooterRecord }
    | { readonly type: "KRAFT_VERSION"; readonly value: KRaftVersionRecord }
    | { readonly type: "KRAFT_VOTERS"; readonly value: VotersRecord }
    | { readonly type: "UNKNOWN"; readonly value: null }
  )

const keyBytes = 4

/**
 * Reads a control record. Throws `RecordError`.
 *
 * @since 0.1.0
 */
export const parseUnsafe = (key: Uint8Array | null, value: Uint8Array | null): ControlRecord => {
  if (key === null || key.length < keyBytes) throw invalidRecord("the key of a control record needs 4 bytes")
  const keyVersion = readInt16(key, 0)
  if (keyVersion < 0) throw invalidRecord(`the key of a control record has version ${keyVersion}`)
  const typeId = readInt16(key, 2)
  try {
    return { typeId, keyVersion, ...contentUnsafe(typeId, value) }
  } catch (error) {
    throw error instanceof ProtocolError ? invalidRecord(`control record of type ${typeId}: ${error.detail}`) : error
  }
}

type Content = ControlRecord extends infer R ? R extends unknown ? Omit<R, "typeId" | "keyVersion"> : never : never

const contentUnsafe = (typeId: number, value: Uint8Array | null): Content => {
  if (typeId < ControlType.ABORT || typeId > ControlType.KRAFT_VOTERS) return { type: "UNKNOWN", value: null }
  if (value === null) throw invalidRecord(`a control record of type ${typeId} needs a value`)
  switch (typeId) {
    case ControlType.LEADER_CHANGE:
      return { type: "LEADER_CHANGE", value: Message.decodeUnsafe(LeaderChangeMessage, 0, value) }
    case ControlType.SNAPSHOT_HEADER:
      return { type: "SNAPSHOT_HEADER", value: Message.decodeUnsafe(SnapshotHeaderRecord, 0, value) }
    case ControlType.SNAPSHOT_FOOTER:
      return { type: "SNAPSHOT_FOOTER", value: Message.decodeUnsafe(SnapshotFooterRecord, 0, value) }
    case ControlType.KRAFT_VERSION:
      return { type: "KRAFT_VERSION", value: Message.decodeUnsafe(KRaftVersionRecord, 0, value) }
    case ControlType.KRAFT_VOTERS:
      return { type: "KRAFT_VOTERS", value: Message.decodeUnsafe(VotersRecord, 0, value) }
    default:
      return {
        type: typeId === ControlType.COMMIT ? "COMMIT" : "ABORT",
        value: Message.decodePrefixed(EndTxnMarker, value)
      }
  }
}

/**
 * The record of the control batch at `at`; undefined if compaction has emptied the batch. Throws `RecordError`.
 *
 * @since 0.1.0
 */
export const parseBatchUnsafe = (bytes: Uint8Array, at: number): ControlRecord | undefined => {
  const cursor = new RecordCursor(Compression.uncompressed)
  cursor.openUnsafe(bytes, at)
  return cursor.next() ? parseUnsafe(cursor.key(), cursor.value()) : undefined
}

const encodeValueUnsafe = (input: ControlInput): Uint8Array => {
  switch (input.type) {
    case "COMMIT":
    case "ABORT":
      return Message.encodePrefixed(EndTxnMarker, 0, input.value)
    case "LEADER_CHANGE":
      return Message.encodeBytesUnsafe(LeaderChangeMessage, 0, input.value)
    case "SNAPSHOT_HEADER":
      return Message.encodeBytesUnsafe(SnapshotHeaderRecord, 0, input.value)
    case "SNAPSHOT_FOOTER":
      return Message.encodeBytesUnsafe(SnapshotFooterRecord, 0, input.value)
    case "KRAFT_VERSION":
      return Message.encodeBytesUnsafe(KRaftVersionRecord, 0, input.value)
    case "KRAFT_VOTERS":
      return Message.encodeBytesUnsafe(VotersRecord, 0, input.value)
  }
}

/**
 * A batch that holds one control record. `timestamp` is milliseconds.
 *
 * @since 0.1.0
 */
export const build = (input: ControlInput, timestamp: number, options: BuildOptions = {}): Uint8Array => {
  const key = new Uint8Array(keyBytes)
  writeInt16(key, 2, ControlType[input.type])
  const builder = new RecordBatchBuilder(Compression.uncompressed, 256)
  builder.append(timestamp, key, encodeValueUnsafe(input))
  return builder.build({ ...options, control: true })
}

/**
 * The batch that ends a producer's transaction in one partition.
 *
 * @since 0.1.0
 */
export const buildMarker = (marker: {
  readonly type: "COMMIT" | "ABORT"
  readonly producerId: number
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly timestamp: number
  readonly baseOffset?: number
  readonly partitionLeaderEpoch?: number
}): Uint8Array =>
  build({ type: marker.type, value: { coordinatorEpoch: marker.coordinatorEpoch } }, marker.timestamp, {
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    transactional: true,
    baseOffset: marker.baseOffset ?? 0,
    partitionLeaderEpoch: marker.partitionLeaderEpoch ?? RecordBatch.noPartitionLeaderEpoch
  })
