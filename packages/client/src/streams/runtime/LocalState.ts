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
import * as Effect from "effect/Effect"
import { DiskMap } from "../engine/stores/DiskMap.ts"

/** The table of positions; no store's table has a name like it, for those have a task's id before them. */
const positionsTable = "positions"

interface Held {
  readonly map: DiskMap
  /** The offset after the last record of the changelog that is in the map; undefined if that is not known. */
  position: number | undefined
  isMoved: boolean
}

const textEncoder = new TextEncoder()

const encodePosition = (position: number): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, BigInt(position))
  return bytes
}

const decodePosition = (bytes: Uint8Array): number =>
  Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigInt64(0))

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

  /** The map of a task's store, as it was at the last commit. Throws `StoreEngineError`. */
  openUnsafe(taskId: string, store: string): DiskMap {
    const name = `${taskId}/${store}`
    const map = new DiskMap(this.#database.tableUnsafe(name))
    const found = this.#database.tableUnsafe(positionsTable).getUnsafe(textEncoder.encode(name))
    const position = found === undefined ? undefined : decodePosition(found)
    this.#held.set(name, { map, position, isMoved: false })
    return map
  }

  /** How far into its changelog a store has come; undefined if it has to begin anew, or is not on disk. */
  positionOf(taskId: string, store: string): number | undefined {
    return this.#held.get(`${taskId}/${store}`)?.position
  }

  /** Tells how far into its changelog a store has come. */
  notePosition(taskId: string, store: string, position: number): void {
    const held = this.#held.get(`${taskId}/${store}`)
    if (held === undefined || held.position === position) return
    held.position = position
    held.isMoved = true
  }

  /** Forgets what a store holds: its changelog cannot go on from where the store is. */
  wipe(taskId: string, store: string): void {
    const held = this.#held.get(`${taskId}/${store}`)
    if (held === undefined) return
    held.map.clear()
    held.position = 0
    held.isMoved = true
  }

  /** Forgets a task, and what it has changed since the last commit. */
  close(taskId: string): void {
    for (const name of [...this.#held.keys()]) if (name.startsWith(`${taskId}/`)) this.#held.delete(name)
  }

  /** The size of the changes since the last commit, in bytes. */
  get changedBytes(): number {
    let bytes = 0
    for (const { map } of this.#held.values()) bytes += map.changedBytes
    return bytes
  }

  /** Writes all changes and positions: what was changed is committed. */
  readonly write: Effect.Effect<void, StoreEngineError> = Effect.suspend(() => {
    const batch: Array<TableWrites> = []
    const positions: Array<readonly [Uint8Array, Uint8Array]> = []
    for (const [name, { isMoved, map, position }] of this.#held) {
      const writes = map.writes()
      if (writes !== undefined) batch.push(writes)
      if (isMoved && position !== undefined) positions.push([textEncoder.encode(name), encodePosition(position)])
    }
    if (positions.length > 0) batch.push({ table: positionsTable, clear: false, entries: positions })
    if (batch.length === 0) return Effect.void
    return Effect.map(this.#database.write(batch), () => {
      for (const held of this.#held.values()) {
        held.map.noteWritten()
        held.isMoved = false
      }
    })
  })
}
