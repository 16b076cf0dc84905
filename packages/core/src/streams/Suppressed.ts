/**
 * When a table's updates are let through.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type { Contravariant } from "effect/Types"
import { logConfig, type Logging } from "./Options.ts"
import type * as Windowed from "../serde/Windowed.ts"
import type { LogConfig } from "./LogicalNode.ts"
import { phantom } from "./internal/phantom.ts"

/**
 * A rule that holds back updates of a table with keys `K`.
 *
 * @since 0.1.0
 */
export interface Suppressed<in K> extends Any {
  readonly "~key": Contravariant<K>
}

/**
 * The rule itself.
 *
 * @since 0.1.0
 */
export interface Any {
  readonly _tag: "Suppressed"
  readonly until: "WindowCloses" | "TimeLimit"
  /** For `TimeLimit`: how long an update waits for newer ones of its key. */
  readonly waitMs: number
  readonly buffer: BufferLimit
  /** Name of its processor, its store and its changelog. */
  readonly name: string | undefined
  readonly logConfig: LogConfig
}

/**
 * How much may be held back, and what happens beyond: the app fails, or the oldest leave early.
 *
 * @since 0.1.0
 */
export interface BufferLimit {
  readonly recordsMax: number
  readonly sizeMaxBytes: number
  readonly whenFull: "ShutDown" | "EmitEarly"
}

/**
 * Options that all rules share.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly name?: string | undefined
  /** False: no changelog, so the content is lost with the instance (true); settings: the changelog has these besides. */
  readonly logging?: Logging | undefined
  readonly recordsMax?: number | undefined
  readonly sizeMaxBytes?: number | undefined
}

/**
 * One final result for each window and key, when the window and its grace have passed. With a limit, the app fails when it
 * is reached: a final result cannot leave early.
 *
 * @since 0.1.0
 */
export const untilWindowCloses = (options: Options = {}): Suppressed<Windowed.Windowed<unknown>> =>
  make("WindowCloses", 0, "ShutDown", options)

/**
 * The newest update of each key, once `limit` of stream time has passed since its first. With a limit, the oldest leave
 * early when it is reached, unless `whenFull` says otherwise.
 *
 * @since 0.1.0
 */
export const untilTimeLimit = (
  limit: Duration.Input,
  options: Options & { readonly whenFull?: BufferLimit["whenFull"] | undefined } = {}
): Suppressed<unknown> => make("TimeLimit", Duration.toMillis(limit), options.whenFull ?? "EmitEarly", options)

const make = (
  until: Any["until"],
  waitMs: number,
  whenFull: BufferLimit["whenFull"],
  options: Options
): Suppressed<unknown> => ({
  _tag: "Suppressed",
  "~key": phantom,
  until,
  waitMs,
  buffer: {
    recordsMax: options.recordsMax ?? Number.POSITIVE_INFINITY,
    sizeMaxBytes: options.sizeMaxBytes ?? Number.POSITIVE_INFINITY,
    whenFull
  },
  name: options.name,
  logConfig: logConfig(options.logging)
})
