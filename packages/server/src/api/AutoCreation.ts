/**
 * Topics that come into being because someone asked for them.
 *
 * Keeps true: an internal topic gets the partitions, replicas and settings that its coordinator needs; a topic is created
 * once, however many ask.
 * Leaves to others: when to create (`Metadata`, `FindCoordinator`).
 *
 * @since 0.1.0
 */
import type { CreateTopicsRequest } from "@millrace/core/protocol/messages/CreateTopics"
import type { BrokerConfig } from "../coordination/controller/BrokerConfig.ts"

type CreatableTopic = CreateTopicsRequest["topics"][number]

const configs = (values: Record<string, string>): CreatableTopic["configs"] =>
  Object.entries(values).map(([name, value]) => ({ name, value }))

/**
 * The topic of this name as it is created when nobody says how.
 *
 * @since 0.1.0
 */
export const creatable = (name: string, config: BrokerConfig): CreatableTopic => {
  const internal = (prefix: string, values: Record<string, string>): CreatableTopic => ({
    name,
    numPartitions: config.number(`${prefix}.num.partitions`),
    replicationFactor: config.number(`${prefix}.replication.factor`),
    assignments: [],
    configs: configs({
      "cleanup.policy": "compact",
      "segment.bytes": config.text(`${prefix}.segment.bytes`)!,
      "compression.type": "producer",
      ...values
    })
  })
  switch (name) {
    case "__consumer_offsets":
      return internal("offsets.topic", {})
    case "__transaction_state":
      return internal("transaction.state.log", {
        "min.insync.replicas": config.text("transaction.state.log.min.isr")!,
        "unclean.leader.election.enable": "false"
      })
    case "__share_group_state":
      return internal("share.coordinator.state.topic", {
        "min.insync.replicas": config.text("share.coordinator.state.topic.min.isr")!,
        // A topic that is folded into snapshots by its coordinator, which deletes what it does not need any more.
        "cleanup.policy": "delete",
        "retention.ms": "-1"
      })
    default:
      return { name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] }
  }
}
