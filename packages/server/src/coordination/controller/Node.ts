/**
 * What this broker is: its ids, its settings, and where it listens.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type { BrokerConfig } from "./BrokerConfig.ts"

/**
 * The identity of this broker.
 *
 * @since 0.1.0
 */
export class Node extends Context.Service<Node, {
  readonly id: number
  readonly clusterId: string
  readonly config: BrokerConfig
  /** The log directories, in the order in which they were given. `clean`: the last process there stopped in order. */
  readonly logDirs: ReadonlyArray<{ readonly path: string; readonly id: string; readonly clean: boolean }>
}>()("@millrace/server/coordination/controller/Node") {}
