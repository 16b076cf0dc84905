/**
 * What joins need: records in the partition of their key.
 *
 * @since 0.1.0
 */
import type * as Serde from "../../../serde/Serde.ts"
import { addRepartition, type BuiltStream, type Expansion, stream } from "../Expansion.ts"
import * as Graph from "../Graph.ts"

/**
 * The stream, or it through a repartition if its key was changed. A join that gives no name shares that of an earlier one.
 *
 * @since 0.1.0
 */
export const rightlyKeyed = (
  expansion: Expansion,
  from: BuiltStream,
  options: {
    readonly name: string | undefined
    readonly key: Serde.Any | undefined
    readonly value: Serde.Any | undefined
  }
): BuiltStream => {
  if (!from.rekeyed) return from
  const prefix = options.name ?? from.name
  if (options.name === undefined) expansion.generated.add(prefix)
  const key = options.key ?? from.key
  const value = options.value ?? from.value
  const made = addRepartition(expansion, { prefix, key, value, optimizable: true })
  const shared = options.name === undefined ? from.joinRepartition : undefined
  const graph = shared ?? Graph.add(expansion.graph, made, from.graph)
  from.joinRepartition = graph
  return stream(from, graph, { sources: new Set([graph.name]), key, value, rekeyed: false })
}
