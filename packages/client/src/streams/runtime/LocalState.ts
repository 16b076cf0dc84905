/**
 * What an instance keeps on its disk: the stores of its tasks, and how far into their changelogs each of them has come.
 *
 * Keeps true: stores and their positions change together, and only to what is committed: whatever ends the process, each
 * store is found as its changelog was at its position, and what the changelog has after that is read again.
 * Leaves to others: reading changelogs (`Restorer`), when to write (`StreamsLoop`).
 *
 * @since 0.1.0
 */
import type { StoreDatabase, StoreEngineError, TableWrites } from "@millrace/core/platform/StoreEngine"
import * as Integers from "@millrace/core/serde/Integers"
import * as Effect from "effect/Effect"
import * as limits from "../../limits.ts"
import { DiskMap } from "../engine/stores/DiskMap.ts"

/** The table of positions; no store's table has a name like it, for those have a task's id before them. */
const positionsTable = "positions"

interface Held {
  readonly taskId: string
  readonly map: DiskMap
  readonly topicId: string
  /** The offset after the last record of the changelog that is in the map; undefined if that is not known. */
  position: number | undefined
  isMoved: boolean
}

const textEncoder = new TextEncoder()

const positionBytes = 8

/** A position as int64, then the id of the changelog's topic: another topic of the same name is another log. */
const encodePosition = (position: number, topicId: string): Uint8Array => {
  const id = textEncoder.encode(topicId)
  const bytes = new Uint8Array(positionBytes + id.length)
  Integers.writeLong(bytes, 0, position)
  bytes.set(id, positionBytes)
  return bytes
}

const decodePosition = (bytes: Uint8Array): { readonly position: number; readonly topicId: string } => ({
  position: Integers.readLong(bytes, 0),
  topicId: new TextDecoder().decode(bytes.subarray(positionBytes))
})

/**
 * The local state of an instance. Owned by the fiber of its loop.
 *
 * @since 0.1.0
 */
export class LocalState {
  readonly #database: StoreDatabase
  readonly #held = new Map<string, Held>()

  constructor(database: StoreDatabase) {
    this.#database = database
  }

  /**
   * The map of a task's store, as it was last written; empty if its changelog is another topic than it was (`topicId`
   * is empty without a changelog). Throws `StoreEngineError`.
   */
  openUnsafe(taskId: string, store: string, topicId: string): DiskMap {
    const name = `${taskId}/${store}`
    const map = new DiskMap(this.#database.tableUnsafe(name))
    const bytes = this.#database.tableUnsafe(positionsTable).getUnsafe(textEncoder.encode(name))
    const found = bytes === undefined ? undefined : decodePosition(bytes)
    const position = found?.topicId === topicId ? found.position : undefined
    if (position === undefined && topicId !== "") map.clear()
    this.#held.set(name, { taskId, map, topicId, position, isMoved: false })
    return map
  }

  /** How far into its changelog a store has come; 0 if it has to begin anew, or is not on disk. */
  positionOf(taskId: string, store: string): number {
    return this.#held.get(`${taskId}/${store}`)?.position ?? 0
  }

  /** By task, the sum of the positions of its stores on disk, of tasks that are not held, too. Throws `StoreEngineError`. */
  offsetSumsUnsafe(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>()
    for (const [key, bytes] of this.#database.tableUnsafe(positionsTable).rangeUnsafe(undefined, undefined)) {
      const name = new TextDecoder().decode(key)
      const taskId = name.slice(0, name.indexOf("/"))
      sums.set(taskId, (sums.get(taskId) ?? 0) + decodePosition(bytes).position)
    }
    return sums
  }

  /** Tells how far into its changelog a store has come; it never goes back. */
  notePosition(taskId: string, store: string, position: number): void {
    const held = this.#held.get(`${taskId}/${store}`)
    if (held === undefined || (held.position !== undefined && held.position >= position)) return
    held.position = position
    held.isMoved = true
  }

  /** Forgets a task, and what it has changed since it was last written. */
  close(taskId: string): void {
    for (const [name, held] of this.#held) if (held.taskId === taskId) this.#held.delete(name)
  }

  /** Whether the changes that are not written are so many that it should not be long until the next commit. */
  get isFull(): boolean {
    return this.#changedBytes > limits.diskChangesMaxBytes
  }

  /** How much is not written yet. */
  get #changedBytes(): number {
    let bytes = 0
    for (const { map } of this.#held.values()) bytes += map.changedBytes
    return bytes
  }

  /**
   * Whether to write with this commit, `sinceMs` after the last time: much was changed, or long ago, or in a store that has no
   * changelog to be read again from.
   */
  isDue(sinceMs: number): boolean {
    if (sinceMs >= limits.diskWriteIntervalMs || this.#changedBytes > limits.diskWriteMinBytes) return true
    for (const { map, topicId } of this.#held.values()) {
      if (topicId === "" && map.changedBytes > 0) return true
    }
    return false
  }

  /** Writes the changes and positions of these tasks, or all: what they have changed is committed. */
  write(taskIds?: ReadonlySet<string>): Effect.Effect<void, StoreEngineError> {
    const written = [...this.#held].filter(([, { taskId }]) => taskIds === undefined || taskIds.has(taskId))
    const batch: Array<TableWrites> = []
    const positions: Array<readonly [Uint8Array, Uint8Array]> = []
    for (const [name, { isMoved, map, position, topicId }] of written) {
      const writes = map.writes()
      if (writes !== undefined) batch.push(writes)
      if (isMoved && position !== undefined) {
        positions.push([textEncoder.encode(name), encodePosition(position, topicId)])
      }
    }
    if (positions.length > 0) batch.push({ table: positionsTable, clear: false, entries: positions })
    if (batch.length === 0) return Effect.void
    return Effect.map(this.#database.write(batch), () => {
      for (const [, held] of written) {
        held.map.noteWritten()
        held.isMoved = false
      }
    })
  }
}
