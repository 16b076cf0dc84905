/**
 * Records in the shape in which a task takes fetched ones.
 *
 * @since 0.1.0
 */
import type { RawChunk, RawRecord } from "@millrace/client/streams/engine/RecordQueue"
import type { RecordHeader } from "@millrace/core/records/RecordCursor"

/**
 * A record with its place in its partition.
 *
 * @since 0.1.0
 */
export interface Placed {
  readonly offset: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestamp: number
  readonly headers: ReadonlyArray<RecordHeader>
}

const rawOf = ({ headers, key, offset, timestamp, value }: Placed): RawRecord => ({
  offset,
  timestamp,
  key: () => key,
  value: () => value,
  headers: () => headers
})

/**
 * A chunk of at least one record, after which the partition goes on at `nextOffset`.
 *
 * @since 0.1.0
 */
export const chunk = (records: ReadonlyArray<Placed>, nextOffset: number): RawChunk => {
  let at = 0
  const cursor = {
    record: rawOf(records[0]!),
    next: () => {
      if (at === records.length) return false
      cursor.record = rawOf(records[at++]!)
      return true
    }
  }
  const sizeOf = ({ key, value }: Placed) => (key?.length ?? 0) + (value?.length ?? 0)
  return {
    cursor: () => cursor,
    nextOffset,
    leaderEpoch: -1,
    sizeInBytes: records.reduce((sum, record) => sum + sizeOf(record), 0)
  }
}
