/**
 * Which brokers hold a new partition.
 *
 * Keeps true: replicas are distinct, alive and as many as asked; consecutive partitions begin at consecutive brokers.
 * Leaves to others: racks (with replication), log directories (each broker chooses its own).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { Refusal } from "./Decision.ts"
import type { BrokerImage, MetadataImage } from "./MetadataImage.ts"

const isUsable = (broker: BrokerImage): boolean => !broker.fenced && !broker.inControlledShutdown

/**
 * The replicas of each of `partitions` new partitions, or why there are none.
 *
 * @since 0.1.0
 */
export const place = (
  image: MetadataImage,
  partitions: number,
  replicationFactor: number,
  random: (bound: number) => number
): ReadonlyArray<ReadonlyArray<number>> | Refusal => {
  const all = [...image.brokers.values()].sort((a, b) => a.id - b.id)
  const usable = all.filter(isUsable)
  const refuse = (why: string): Refusal => ({
    code: ErrorCode.INVALID_REPLICATION_FACTOR,
    message: `Unable to replicate the partition ${replicationFactor} time(s): ${why}`
  })
  if (usable.length === 0) return refuse("All brokers are currently fenced.")
  if (replicationFactor > all.length) {
    return refuse(
      `The target replication factor of ${replicationFactor} cannot be reached because only ${all.length} broker(s) are registered.`
    )
  }
  if (replicationFactor > usable.length) return refuse(`Only ${usable.length} broker(s) are alive.`)
  const start = random(usable.length)
  return Array.from(
    { length: partitions },
    (_, partition) =>
      Array.from(
        { length: replicationFactor },
        (_, replica) => usable[(start + partition + replica) % usable.length]!.id
      )
  )
}

/**
 * Null if these brokers may hold a partition, otherwise why not. `replicationFactor` is null while no partition has set it.
 *
 * @since 0.1.0
 */
export const checkManual = (
  image: MetadataImage,
  replicas: ReadonlyArray<number>,
  replicationFactor: number | null
): Refusal | null => {
  const refuse = (why: string): Refusal => ({
    code: ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    message: `The manual partition assignment includes ${why}`
  })
  if (replicas.length === 0) return refuse("an empty replica list.")
  const sorted = [...replicas].sort((a, b) => a - b)
  for (const [i, id] of sorted.entries()) {
    if (!image.brokers.has(id)) return refuse(`broker ${id}, but no such broker is registered.`)
    if (id === sorted[i - 1]) return refuse(`the broker ${id} more than once.`)
  }
  return replicationFactor === null || replicationFactor === replicas.length
    ? null
    : refuse(
      `a partition with ${replicas.length} replica(s), but this is not consistent with previous partitions, which have ${replicationFactor} replica(s).`
    )
}

/**
 * Those of the replicas that may lead now.
 *
 * @since 0.1.0
 */
export const aliveOf = (image: MetadataImage, replicas: ReadonlyArray<number>): ReadonlyArray<number> =>
  replicas.filter((id) => {
    const broker = image.brokers.get(id)
    return broker !== undefined && isUsable(broker)
  })
