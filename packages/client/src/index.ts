/**
 * Uses streams: apps that process them, and what they are made of.
 *
 * @since 0.1.0
 */
export * as Admin from "./admin/Admin.ts"
export * as Cluster from "./cluster/Cluster.ts"
export * as Assignor from "./consumer/assignor/Assignor.ts"
export * as Consumer from "./consumer/Consumer.ts"
export * as Producer from "./producer/Producer.ts"
export * as Position from "./streams/Position.ts"
export * as Query from "./streams/runtime/queries/Query.ts"
export * as StreamsApp from "./streams/runtime/StreamsApp.ts"
export * as Transaction from "./transaction/Transaction.ts"
