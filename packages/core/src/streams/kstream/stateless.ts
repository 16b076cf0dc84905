/**
 * How an operator on single records becomes a node.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import * as LogicalNode from "../LogicalNode.ts"
import * as Options from "../Options.ts"
import type * as Topology from "../Topology.ts"
import * as Values from "../Values.ts"

/**
 * A stream that is made by one step of each record of another.
 *
 * @since 0.1.0
 */
export const stateless = <K, V, E, R, S>(
  self: Topology.Part<Erased, Erased>,
  step: LogicalNode.StatelessStep,
  options: Options.Given = {}
): Values.KStream<K, V, E, R, S> =>
  Values.stream(
    LogicalNode.make({ _tag: "Stateless", step, serdes: Options.serdes(options), name: options.name }, self.node)
  )
