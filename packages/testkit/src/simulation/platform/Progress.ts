/**
 * What clients have done so far, in all their lives, and the pace at which they do it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/**
 * What one client has done.
 *
 * @since 0.1.0
 */
export interface Progress {
  done: number
  readonly total: number
  /** How often the client has begun. */
  lives: number
}

/**
 * Counts what is done, and says whether all is.
 *
 * @since 0.1.0
 */
export class Progresses {
  readonly #all: Array<Progress> = []

  add(total: number): Progress {
    const progress: Progress = { done: 0, total, lives: 0 }
    this.#all.push(progress)
    return progress
  }

  get isDone(): boolean {
    return this.#all.every(({ done, total }) => done >= total)
  }
}

/**
 * Waits a random while, so that the work lasts about as long as the faults do.
 *
 * @since 0.1.0
 */
export const pause = (averageMs: number) =>
  Effect.flatMap(Random.nextIntBetween(0, averageMs * 2), (ms) => Effect.sleep(ms))
