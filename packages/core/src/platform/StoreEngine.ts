/**
 * The `StoreEngine` port: ordered maps of bytes on disk, for the state of stream apps.
 *
 * Keeps true: a batch is written as a whole or not at all, whatever ends the process or the machine; batches survive in
 * the order in which they were written. A loss of power may take the last ones: who needs more keeps a log elsewhere, as
 * changelogs are. Reads are synchronous and see all batches that were written.
 * Leaves to others: what keys and values mean, and what was not written yet.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * Why a store on disk cannot go on. `Locked`: another process has the directory open. `Corrupt`: what is on disk is not a
 * database, or is damaged.
 *
 * @since 0.1.0
 */
export class StoreEngineError extends Data.TaggedError("StoreEngineError")<{
  readonly reason: "Locked" | "NoSpace" | "Corrupt" | "Io"
  readonly directory: string
  readonly detail: string
  readonly hint: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `${this.detail} (${this.directory}); ${this.hint}`
  }
}

/**
 * An entry: a key and its value. The bytes are the reader's own.
 *
 * @since 0.1.0
 */
export type StoreEntry = readonly [key: Uint8Array, value: Uint8Array]

/**
 * An ordered map, by unsigned bytes of its keys, which may be of any length, as it was after the last batch. Reads throw
 * `StoreEngineError`.
 *
 * @since 0.1.0
 */
export interface StoreTable {
  readonly name: string
  readonly getUnsafe: (key: Uint8Array) => Uint8Array | undefined
  /**
   * Entries from `from` to `to`, both included; undefined is no bound. `reverse` gives the largest key first. A batch that is
   * written during an iteration does not change what it gives.
   */
  readonly rangeUnsafe: (
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    reverse?: boolean
  ) => Iterable<StoreEntry>
  /** How many entries there are; those whose keys have a very long beginning in common may count as one. */
  readonly sizeUnsafe: () => number
}

/**
 * What a batch does to one table: forgets everything first if it `clear`s, then puts, or (null) deletes.
 *
 * @since 0.1.0
 */
export interface TableWrites {
  readonly table: string
  readonly clear: boolean
  readonly entries: Iterable<readonly [key: Uint8Array, value: Uint8Array | null]>
}

/**
 * A database: tables in one directory.
 *
 * @since 0.1.0
 */
export interface StoreDatabase {
  /** The table of this name, made when it is first asked for; throws `StoreEngineError`. */
  readonly tableUnsafe: (name: string) => StoreTable
  /** Writes a batch. */
  readonly write: (batch: ReadonlyArray<TableWrites>) => Effect.Effect<void, StoreEngineError>
}

/**
 * The engine of one process.
 *
 * @since 0.1.0
 */
export class StoreEngine extends Context.Service<StoreEngine, {
  /** Opens the database in a directory, which is made if it is missing, until the scope ends. */
  readonly open: (directory: string) => Effect.Effect<StoreDatabase, StoreEngineError, Scope.Scope>
}>()("@millrace/core/platform/StoreEngine") {}
