/**
 * Deletes the records of repartition topics that are done.
 *
 * Keeps true: only what is below a committed offset is deleted, and not more often than once per interval.
 * Leaves to others: committing (`StreamsLoop`).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Admin } from "../../admin/Admin.ts"
import type { TaskManager } from "./TaskManager.ts"

/**
 * What it works with. `topics`: the app's repartition topics.
 *
 * @since 0.1.0
 */
export interface Parts {
  readonly admin: Pick<Admin["Service"], "deleteRecords">
  readonly tasks: Pick<TaskManager, "partitions" | "committedOffset">
  readonly topics: ReadonlySet<string>
  readonly intervalMs: number
}

/**
 * The purge of a thread. Owned by the fiber of the app's loop.
 *
 * @since 0.1.0
 */
export class RepartitionPurge {
  private readonly parts: Parts
  private lastMs = 0

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** Begins the first interval. */
  begin(nowMs: number): void {
    this.lastMs = nowMs
  }

  /**
   * After a commit: deletes what is done, if the interval has passed. A failure is only worth a warning, because the next time
   * deletes it too.
   */
  afterCommit(nowMs: number): Effect.Effect<void> {
    if (nowMs < this.lastMs + this.parts.intervalMs) return Effect.void
    this.lastMs = nowMs
    const offsets = this.done()
    return offsets.length === 0 ? Effect.void : this.parts.admin.deleteRecords(offsets).pipe(
      Effect.asVoid,
      Effect.catch((cause) => Effect.logWarning(`repartition records are kept for now: ${cause.message}`))
    )
  }

  /** The offsets below which records are done. */
  private done() {
    const { tasks, topics } = this.parts
    return tasks.partitions().flatMap((each) => {
      const offset = topics.has(each.topic) ? tasks.committedOffset(each) : undefined
      return offset === undefined ? [] : [{ ...each, offset }]
    })
  }
}
