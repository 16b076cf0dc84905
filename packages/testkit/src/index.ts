/**
 * Breaks streams: simulated ports, a test driver, an embedded broker.
 *
 * @since 0.1.0
 */
export * as MockProcessorContext from "./driver/MockProcessorContext.ts"
export * as PartitionedTestDriver from "./driver/PartitionedTestDriver.ts"
export * as TestInputTopic from "./driver/TestInputTopic.ts"
export * as TestOutputTopic from "./driver/TestOutputTopic.ts"
export * as TopologyTestDriver from "./driver/TopologyTestDriver.ts"
export * as EmbeddedKafka from "./embedded/EmbeddedKafka.ts"
export * as MemoryDisk from "./platform/MemoryDisk.ts"
export * as Fault from "./simulation/program/FaultKind.ts"
export * as Simulation from "./simulation/Simulation.ts"
