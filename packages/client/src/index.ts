/**
 * Uses streams: apps that process them, and what they are made of.
 *
 * @since 0.1.0
 */
export * as StreamsApp from "./streams/runtime/StreamsApp.ts"
