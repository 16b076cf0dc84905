/**
 * The one way in which the client tries again: exponential backoff with jitter, until a time is up.
 *
 * Keeps true: waits grow from `retryBackoffMinMs` to `retryBackoffMaxMs`, each ±20 %; no retry starts after the deadline.
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { retryBackoffMaxMs, retryBackoffMinMs } from "../limits.ts"

const jitter = 0.2

/**
 * Milliseconds to wait before retry number `attempt` (the first is 0), from a random number in [0, 1).
 *
 * @since 0.1.0
 */
export const backoffMs = (
  attempt: number,
  random: number,
  minMs: number = retryBackoffMinMs,
  maxMs: number = retryBackoffMaxMs
): number => Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30)) * (1 - jitter + 2 * jitter * random)

/**
 * Waits before retry number `attempt`.
 *
 * @since 0.1.0
 */
export const backoff = (attempt: number, minMs?: number, maxMs?: number): Effect.Effect<void> =>
  Effect.flatMap(Random.next, (random) => Effect.sleep(backoffMs(attempt, random, minMs, maxMs)))

/**
 * Runs an effect again while `while` says that its error may pass, for `timeoutMs` at most from the start. What was
 * learnt from the error (a new leader, a lost coordinator) is done in `onError`. Ends with the last error.
 *
 * @since 0.1.0
 */
export const retry = <E, E2 = never, R2 = never>(options: {
  readonly while: (error: E) => boolean
  readonly timeoutMs: number
  readonly onError?: ((error: E) => Effect.Effect<void, E2, R2>) | undefined
}) =>
<A, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | E2, R | R2> =>
  Effect.gen(function*() {
    const deadline = (yield* MonotonicTime.millis) + options.timeoutMs
    const loop = (attempt: number): Effect.Effect<A, E | E2, R | R2> =>
      Effect.catch(self, (error) =>
        options.while(error)
          ? Effect.gen(function*() {
            const waitMs = backoffMs(attempt, yield* Random.next)
            if ((yield* MonotonicTime.millis) + waitMs >= deadline) return yield* Effect.fail(error)
            if (options.onError !== undefined) yield* options.onError(error)
            yield* Effect.sleep(waitMs)
            return yield* loop(attempt + 1)
          })
          : Effect.fail(error))
    return yield* loop(0)
  })
