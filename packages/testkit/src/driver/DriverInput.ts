/**
 * One record in the shape in which a task takes fetched ones.
 *
 * @since 0.1.0
 */
import type { RawChunk } from "@millrace/client/streams/engine/RecordQueue"
import type { RecordHeader } from "@millrace/core/records/RecordCursor"

/**
 * A chunk of one record.
 *
 * @since 0.1.0
 */
export const single = (
  record: {
    readonly key: Uint8Array | null
    readonly value: Uint8Array | null
    readonly timestamp: number
    readonly headers: ReadonlyArray<RecordHeader>
  },
  offset: number
): RawChunk => {
  let taken = false
  const { headers, key, timestamp, value } = record
  const next = () => !taken && (taken = true)
  return {
    cursor: () => ({ next, record: { offset, timestamp, key: () => key, value: () => value, headers: () => headers } }),
    nextOffset: offset + 1,
    leaderEpoch: -1,
    sizeInBytes: (key?.length ?? 0) + (value?.length ?? 0)
  }
}
