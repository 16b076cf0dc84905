/**
 * What a stream is: topics, serdes, topologies, and which cluster.
 *
 * @since 0.1.0
 */
export * as Disk from "./platform/Disk.ts"
export * as Network from "./platform/Network.ts"
export * as Kafka from "./Kafka.ts"
