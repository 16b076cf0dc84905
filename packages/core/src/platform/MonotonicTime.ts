/**
 * Time for waiting: how long something has taken, when a deadline has passed.
 *
 * Keeps true: it never goes back and never jumps, whatever becomes of the wall clock; the moment at which it is 0 means
 * nothing, so that it is compared with itself only, in the same process.
 * Leaves to others: the time of day, as it stands in records and is told to others (`Clock`'s milliseconds).
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/**
 * Nanoseconds in a millisecond.
 *
 * @since 0.1.0
 */
export const nanosPerMilli = 1_000_000

/**
 * Nanoseconds that have passed on a clock.
 *
 * @since 0.1.0
 */
export const nanosUnsafe = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe())

/**
 * Nanoseconds that have passed on the clock of the fiber.
 *
 * @since 0.1.0
 */
export const nanos: Effect.Effect<number> = Clock.clockWith((clock) => Effect.sync(() => nanosUnsafe(clock)))

/**
 * Whole milliseconds that have passed on a clock.
 *
 * @since 0.1.0
 */
export const millisUnsafe = (clock: Clock.Clock): number => Math.floor(nanosUnsafe(clock) / nanosPerMilli)

/**
 * Whole milliseconds that have passed on the clock of the fiber.
 *
 * @since 0.1.0
 */
export const millis: Effect.Effect<number> = Clock.clockWith((clock) => Effect.sync(() => millisUnsafe(clock)))
