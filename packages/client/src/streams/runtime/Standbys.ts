/**
 * Keeps copies of the state of tasks that run elsewhere, as the group's plan says.
 *
 * Keeps true: there is a standby of each task that the plan names and that does not run here, and no other; one of a table that
 * has no changelog but its own topic reads no further than the table's task has committed.
 * Leaves to others: reading changelogs (`Restorer`).
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as Effect from "effect/Effect"
import type { ConsumerCore } from "../../consumer/ConsumerCore.ts"
import type { GroupPlan } from "./GroupPlan.ts"
import type { Restorer } from "./Restorer.ts"
import { stateFailed, type StreamsError } from "./StreamsError.ts"
import type { TaskManager } from "./TaskManager.ts"

/**
 * What it works with.
 *
 * @since 0.1.0
 */
export interface Parts {
  readonly applicationId: string
  readonly plan: Pick<GroupPlan, "standbys">
  readonly tasks: TaskManager
  readonly restorer: Restorer
  /** How often it is asked what tasks elsewhere have committed: as often as they may. */
  readonly commitIntervalMs: number
}

/**
 * The standbys of a thread. Owned by the fiber of the app's loop.
 *
 * @since 0.1.0
 */
export class Standbys {
  private readonly parts: Parts
  /** When it is to be asked again what tasks elsewhere have committed. */
  private askAtMs = 0

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** Makes those that the plan has and this thread has not, and forgets those that it has no more. */
  keep(): Effect.Effect<void, StreamsError> {
    return Effect.try({
      try: () => this.keepUnsafe(),
      catch: (cause) => stateFailed(this.parts.applicationId, cause)
    })
  }

  private keepUnsafe(): void {
    const { plan, restorer, tasks } = this.parts
    for (const id of tasks.standbys.keys()) {
      if (plan.standbys.has(id)) continue
      restorer.forget(id)
      tasks.removeStandby(id)
    }
    for (const id of plan.standbys) {
      if (tasks.tasks.has(id) || tasks.standbys.has(id)) continue
      restorer.follow(tasks.addStandbyUnsafe(id))
      this.askAtMs = 0
    }
  }

  /** Lets those of tables read on to what is committed now, if it is time to ask for it. */
  readOn(consumer: Pick<ConsumerCore, "committed">): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      const { commitIntervalMs, restorer } = this.parts
      const partitions = restorer.bounded
      const nowMs = yield* MonotonicTime.millis
      if (partitions.length === 0 || nowMs < this.askAtMs) return
      this.askAtMs = nowMs + commitIntervalMs
      restorer.raise(yield* consumer.committed(partitions))
    }).pipe(
      Effect.catch((cause) => Effect.logWarning(`standbys of tables stay where they are for now: ${cause.message}`))
    )
  }
}
