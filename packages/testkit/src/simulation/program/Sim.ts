/**
 * What a simulated program can do: start apps, send records, wait until all is well, and say what has to be there.
 *
 * @since 0.1.0
 */
import type { Kafka } from "@millrace/core/Kafka"
import type * as Topic from "@millrace/core/streams/Topic"
import type * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as HttpServerError from "effect/http/HttpServerError"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Ports } from "../Process.ts"
import type * as Expectation from "./Expectation.ts"
import type * as Records from "./Records.ts"

/**
 * What every simulated process finds around it: the ports (Effect's `FileSystem`, `Path` and `KeyValueStore` on its machine's
 * disk among them), the cluster, and an HTTP client that reaches the services of `sim.serve`.
 *
 * @since 0.1.0
 */
export type Services = Ports | Kafka | HttpClient.HttpClient

/**
 * An app to start: a layer (one that provides `StreamsApp` ends as that app does), or an effect that runs it.
 *
 * @since 0.1.0
 */
export type App =
  | Layer.Layer<never, unknown, Services>
  | Effect.Effect<unknown, unknown, Services | Scope.Scope>

/**
 * How an app is started. Each instance is a process on a machine of its own; its configuration has its name, as
 * `HOSTNAME`, besides `config`.
 *
 * @since 0.1.0
 */
export interface LaunchOptions {
  /** How many processes run it (1). */
  readonly instances?: number | undefined
  /** What they are called, with a number behind it (`app`). */
  readonly name?: string | undefined
  /** What `Config` finds in them. */
  readonly config?: Readonly<Record<string, string>> | undefined
  /** What instances may run after an update (`Fault.updateApp`): later versions of the app, or other settings of it. */
  readonly updates?: ReadonlyArray<Update> | undefined
}

/**
 * A version of an app: another program, other settings, or both; what is left out is as it was at the launch.
 *
 * @since 0.1.0
 */
export interface Update {
  readonly app?: App | undefined
  /** What `Config` finds, in place of what it found, or besides. */
  readonly config?: Readonly<Record<string, string>> | undefined
}

/**
 * How records are sent.
 *
 * @since 0.1.0
 */
export interface ProduceOptions {
  /** How many, where the source gives single records; by default the seed says. */
  readonly count?: number | undefined
}

/**
 * What answers requests of HTTP: as a handler of `HttpRouter` or of `HttpEffect`.
 *
 * @since 0.1.0
 */
export type Handler = Effect.Effect<
  HttpServerResponse,
  HttpServerError.HttpServerError | HttpServerResponse,
  HttpServerRequest | Services | Scope.Scope
>

/**
 * The simulation, as its program sees it. The program itself is outside: no fault happens to it.
 *
 * @since 0.1.0
 */
export interface Sim {
  /** The seed of this run. */
  readonly seed: number
  /** Starts the instances of an app, and starts each again whenever it ends. */
  readonly launch: (app: App, options?: LaunchOptions) => Effect.Effect<void>
  /** Starts an HTTP service of one's own, as `http://NAME`, in a process of its own with a disk of its own. */
  readonly serve: (name: string, handler: Handler) => Effect.Effect<void>
  /** Sends records while faults happen; ends when all are acknowledged. The topic is created if it is not there. */
  readonly produce: <K, V>(
    topic: Topic.Topic<K, V>,
    records: Records.Source<NoInfer<K>, NoInfer<V>>,
    options?: ProduceOptions
  ) => Effect.Effect<void>
  /** What a topic holds now: committed records, each partition in its order. */
  readonly consume: <K, V>(topic: Topic.Topic<K, V>) => Effect.Effect<ReadonlyArray<Expectation.Entry<K, V>>>
  /**
   * Waits until the phase of faults is over, ends all faults, and waits until everything has settled: groups have read
   * what there is, transactions have ended. That it never does is a finding (`stuck`).
   */
  readonly healed: Effect.Effect<void>
  /** What a topic has to hold now. What is missing is waited for, for a while. */
  readonly expect: <K, V>(topic: Topic.Topic<K, V>, expectation: Expectation.Expectation<K, V>) => Effect.Effect<void>
  /**
   * A state that some run has to reach, or the check fails: that it did, if `condition` (true) holds. Runs from
   * anywhere in the simulation, a simulated service too.
   */
  readonly sometimes: (name: string, condition?: boolean) => Effect.Effect<void>
}
