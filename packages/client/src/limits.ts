/**
 * The limits of client: every bound on queues, buffers, caches and loops, by name, with its unit and default.
 *
 * @since 0.1.0
 */

/**
 * The first wait before trying again, in milliseconds (Kafka's `retry.backoff.ms`).
 *
 * @since 0.1.0
 */
export const retryBackoffMinMs = 100

/**
 * The longest wait before trying again, in milliseconds (Kafka's `retry.backoff.max.ms`).
 *
 * @since 0.1.0
 */
export const retryBackoffMaxMs = 1000

/**
 * How long an answer is awaited, in milliseconds (Kafka's `request.timeout.ms`).
 *
 * @since 0.1.0
 */
export const requestTimeoutMs = 30_000

/**
 * How long making a connection may take, in milliseconds (Kafka's `socket.connection.setup.timeout.ms`).
 *
 * @since 0.1.0
 */
export const connectTimeoutMs = 10_000

/**
 * How long an operation with all its retries may take, in milliseconds (Kafka's `default.api.timeout.ms`).
 *
 * @since 0.1.0
 */
export const apiTimeoutMs = 60_000

/**
 * How many requests may wait for answers on one connection; more wait their turn.
 *
 * @since 0.1.0
 */
export const requestsInFlightMax = 256

/**
 * After how many milliseconds metadata is looked up again (Kafka's `metadata.max.age.ms`).
 *
 * @since 0.1.0
 */
export const metadataAgeMaxMs = 300_000
