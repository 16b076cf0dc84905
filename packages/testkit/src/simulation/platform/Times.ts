/**
 * Time limits of brokers and clients that fit into a run: a run of a few seconds sees sessions and transactions end.
 *
 * @since 0.1.0
 */

/**
 * The session of every member of a group.
 *
 * @since 0.1.0
 */
export const session = { sessionTimeout: "2 seconds", heartbeatInterval: "500 millis" } as const

/**
 * The session of members that outlive their transactions, and how long these may take.
 *
 * @since 0.1.0
 */
export const patience = { sessionTimeout: "8 seconds", transactionTimeout: "2 seconds" } as const

/**
 * How long a transaction may take.
 *
 * @since 0.1.0
 */
export const transactionTimeout = "3 seconds"

/**
 * Settings of the broker that allow it, by Kafka's names.
 *
 * @since 0.1.0
 */
export const brokerConfig: Readonly<Record<string, string>> = {
  "group.min.session.timeout.ms": "1000",
  "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500"
}
