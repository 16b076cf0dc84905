/**
 * Bringing producer state to an offset: from the latest snapshot that can be trusted, then by replay of the log.
 *
 * Keeps true: the result depends on nothing but the log and the snapshots below `to`; snapshots beyond it are removed,
 * for they tell of records that are gone.
 *
 * @since 0.1.0
 */
import { Disk, readFile } from "@millrace/core/platform/Disk"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Effect from "effect/Effect"
import { recoveryBlockBytes } from "../limits.ts"
import * as ProducerSnapshot from "./ProducerSnapshot.ts"
import { isExpired, type ProducerState } from "./ProducerState.ts"
import { baseName, type Segment } from "./Segment.ts"

/**
 * The file of the snapshot at an offset.
 *
 * @since 0.1.0
 */
export const snapshotPath = (directory: string, offset: number): string => `${directory}/${baseName(offset)}.snapshot`

/**
 * The offsets of the snapshots in a directory, ascending.
 *
 * @since 0.1.0
 */
export const snapshotOffsets = Effect.fnUntraced(function*(directory: string) {
  const disk = yield* Disk
  const names = yield* disk.list(directory)
  return names.filter((name) => /^\d{20}\.snapshot$/.test(name)).map((name) => Number(name.slice(0, 20)))
})

/**
 * The part of the log that counts, and when producers are forgotten.
 *
 * @since 0.1.0
 */
export interface Replay {
  readonly from: number
  readonly to: number
  readonly nowMs: number
  readonly expirationMs: number
}

/**
 * Makes `state` what the log up to `to` says.
 *
 * @since 0.1.0
 */
export const rebuildProducers = Effect.fnUntraced(function*(
  directory: string,
  segments: ReadonlyArray<Segment>,
  state: ProducerState,
  replay: Replay
) {
  const disk = yield* Disk
  state.restore([], replay.from)
  for (const offset of (yield* snapshotOffsets(directory)).reverse()) {
    const path = snapshotPath(directory, offset)
    if (offset > replay.to) {
      yield* disk.remove(path)
      continue
    }
    const entries = ProducerSnapshot.decode(yield* readFile(path))
    if (entries === undefined) {
      yield* Effect.logWarning(`producer snapshot ${path} is unreadable; the log is replayed instead`)
      yield* disk.remove(path)
      continue
    }
    state.restore(entries.filter((entry) => !isExpired(entry, replay.nowMs, replay.expirationMs)), offset)
    break
  }
  for (const segment of segments) yield* replaySegment(segment, state, replay.to)
})

const replaySegment = Effect.fnUntraced(function*(segment: Segment, state: ProducerState, to: number) {
  if (segment.baseOffset >= to || segment.size === 0 || state.endOffset >= to) return
  const place = yield* segment.locate(state.endOffset)
  if (place === undefined) return
  yield* segment.scan({ from: place.position, whole: true, blockBytes: recoveryBlockBytes }, (bytes, at) => {
    if (RecordBatch.baseOffset(bytes, at) >= to) return false
    state.apply(bytes, at)
    return true
  })
})
