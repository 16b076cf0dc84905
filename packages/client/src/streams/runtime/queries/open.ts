/**
 * Opens an instance to queries: those of its own program, and those of other instances, which connect to where it says.
 *
 * @since 0.1.0
 */
import * as Network from "@millrace/core/platform/Network"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Instance } from "../Instance.ts"
import { StreamsError } from "../StreamsError.ts"
import { LocalAnswers } from "./LocalAnswers.ts"
import { QueryPeers } from "./QueryPeers.ts"
import { QueryRouter } from "./QueryRouter.ts"
import * as QueryServer from "./QueryServer.ts"

/**
 * Listens, if the instance says where others can ask it, and gives the way to all stores of the app. All ends with the scope.
 *
 * @since 0.1.0
 */
export const open = Effect.fnUntraced(function*(
  instance: Instance
): Effect.fn.Return<QueryRouter, StreamsError<never>, Network.Network | Scope.Scope> {
  const { settings: { applicationId, queryListener, queryTls: tls } } = instance
  const network = yield* Network.Network
  const local = new LocalAnswers(instance)
  if (queryListener !== undefined) {
    const failed = (detail: string, cause?: Network.NetworkError) =>
      new StreamsError<never>({
        reason: "Settings",
        applicationId,
        detail: `queries cannot be listened for at ${queryListener}: ${detail}`,
        hint: "give a queryListener that is of this machine and free, or false where a server of yours answers",
        cause
      })
    const address = Network.parseAddress(queryListener)
    if (address === undefined) return yield* failed("it is not HOST:PORT")
    const listener = yield* Effect.mapError(network.listen(address, { tls }), (cause) => failed(cause.message, cause))
    yield* QueryServer.serve(listener, applicationId, local)
  }
  const peers = new QueryPeers(network, applicationId, tls)
  yield* Effect.addFinalizer(() => peers.close)
  return new QueryRouter(instance, local, peers)
})
