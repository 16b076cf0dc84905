/**
 * The producer that transactions run on: initialise, begin, write, commit or abort.
 *
 * Leaves to others: the protocol (`TransactionEngine`), scopes and typing of use (`Transaction`), what to write.
 *
 * @since 0.1.0
 */
import type { Compression } from "@millrace/core/records/Compression"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Cluster } from "../cluster/Cluster.ts"
import * as ProducerEngine from "../producer/ProducerEngine.ts"
import type { Options, TransactionalCore } from "./TransactionalCore.ts"
import { TransactionEngine } from "./TransactionEngine.ts"

/**
 * Starts a transactional producer in the scope; `init` comes first.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  cluster: Cluster["Service"],
  options: Options
): Effect.fn.Return<TransactionalCore, never, Compression | Scope.Scope> {
  const lane = yield* cluster.lane
  const clock = yield* Clock.Clock
  const producer = new TransactionEngine(cluster, lane, clock, options)
  producer.engine = yield* ProducerEngine.make(cluster, options, producer)
  yield* Effect.forkScoped(producer.announcements)
  return producer.toCore()
})
