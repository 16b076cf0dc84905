/**
 * What a stream is: topics, serdes, topologies, and which cluster.
 *
 * @since 0.1.0
 */
export { ErrorCode } from "./errors/ErrorCode.ts"
export * as KafkaError from "./errors/KafkaError.ts"
export * as Kafka from "./Kafka.ts"
export * as Disk from "./platform/Disk.ts"
export * as Network from "./platform/Network.ts"
export * as ProtocolError from "./protocol/ProtocolError.ts"
export * as Uuid from "./protocol/Uuid.ts"
export * as Compression from "./records/Compression.ts"
export * as PureCompression from "./records/PureCompression.ts"
export * as RecordBatch from "./records/RecordBatch.ts"
export * as Records from "./records/Records.ts"
export * as Serde from "./serde/Serde.ts"
export * as Windowed from "./serde/Windowed.ts"
export * as KGroupedStream from "./streams/KGroupedStream.ts"
export * as KGroupedTable from "./streams/KGroupedTable.ts"
export * as KStream from "./streams/KStream.ts"
export * as KTable from "./streams/KTable.ts"
export * as Suppressed from "./streams/Suppressed.ts"
export * as TimeWindowedKStream from "./streams/TimeWindowedKStream.ts"
export * as TimeWindows from "./streams/TimeWindows.ts"
export * as Topic from "./streams/Topic.ts"
export * as Topology from "./streams/Topology.ts"
