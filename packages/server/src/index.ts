/**
 * Keeps streams: the broker, embedded in a process or on its own.
 *
 * @since 0.1.0
 */
export * as Broker from "./Broker.ts"
