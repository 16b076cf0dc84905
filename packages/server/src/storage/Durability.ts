/**
 * What an acknowledgement promises, and the fibers that keep the promise.
 *
 * - `group-commit`: a record counts once it was synced; syncs are shared by all that wait. Survives a power cut.
 * - `os`: a record counts once the operating system has it. Survives the death of the process, not of the machine.
 * - `interval`: as `os`, with a sync every `intervalMs`, which bounds what a power cut takes.
 *
 * With the last two a topic's `flush.messages` bounds how many records may wait for a sync: the record that makes them as
 * many counts once all of them are synced.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { syncConcurrencyMax } from "../limits.ts"

/**
 * The policy of a broker.
 *
 * @since 0.1.0
 */
export type Durability =
  | { readonly kind: "group-commit" }
  | { readonly kind: "os" }
  | { readonly kind: "interval"; readonly intervalMs: number }

/**
 * Something that can be synced; `sync` deals with its own failures.
 *
 * @since 0.1.0
 */
export interface Syncable {
  readonly sync: Effect.Effect<void>
}

/**
 * Syncs on request: of one thing one sync at a time, and whatever is asked for meanwhile shares the next.
 *
 * @since 0.1.0
 */
export class Flusher {
  /** At most one entry per log. */
  readonly #queue: Queue.Queue<Syncable>
  readonly #states = new Map<Syncable, "queued" | "syncing" | "again">()

  constructor(queue: Queue.Queue<Syncable>) {
    this.#queue = queue
  }

  /** Asks for a sync that begins after this moment. */
  request(target: Syncable): void {
    const state = this.#states.get(target)
    if (state === "syncing") this.#states.set(target, "again")
    if (state !== undefined) return
    this.#states.set(target, "queued")
    Queue.offerUnsafe(this.#queue, target)
  }

  #begun(target: Syncable): void {
    this.#states.set(target, "syncing")
  }

  #ended(target: Syncable): void {
    const again = this.#states.get(target) === "again"
    this.#states.delete(target)
    if (again) this.request(target)
  }

  /** Serves requests for ever. */
  readonly run: Effect.Effect<never> = Effect.suspend(() => {
    const worker = Effect.forever(
      Effect.flatMap(Queue.take(this.#queue), (target) => {
        this.#begun(target)
        // One log's bug must not keep the others from being synced.
        const survived = Effect.catchCause(target.sync, (cause) =>
          Cause.hasInterrupts(cause)
            ? Effect.failCause(cause)
            : Effect.logError("a sync failed in an unexpected way", cause))
        return Effect.ensuring(survived, Effect.sync(() => this.#ended(target)))
      })
    )
    return Effect.andThen(
      Effect.forEach(Array.from({ length: syncConcurrencyMax }), () => worker, {
        concurrency: "unbounded",
        discard: true
      }),
      Effect.never
    )
  })
}

/**
 * Makes a flusher; someone has to `run` it.
 *
 * @since 0.1.0
 */
export const makeFlusher: Effect.Effect<Flusher> = Effect.map(
  Queue.unbounded<Syncable>(),
  (queue) => new Flusher(queue)
)
