/**
 * What a client may do, as sets of operations (KIP-430). There is no authorizer: whoever asks may do everything.
 *
 * @since 0.1.0
 */

/** Kafka's numbers of operations. */
const operation = {
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  clusterAction: 9,
  describeConfigs: 10,
  alterConfigs: 11,
  idempotentWrite: 12
} as const

const setOf = (...operations: ReadonlyArray<keyof typeof operation>): number =>
  operations.reduce((bits, name) => bits | (1 << operation[name]), 0)

/**
 * What is answered where nobody asked.
 *
 * @since 0.1.0
 */
export const operationsNotAsked = -2147483648

/**
 * All operations on a topic.
 *
 * @since 0.1.0
 */
export const topicOperations = setOf(
  "read",
  "write",
  "create",
  "delete",
  "alter",
  "describe",
  "describeConfigs",
  "alterConfigs"
)

/**
 * All operations on the cluster.
 *
 * @since 0.1.0
 */
export const clusterOperations = setOf(
  "create",
  "alter",
  "describe",
  "clusterAction",
  "describeConfigs",
  "alterConfigs",
  "idempotentWrite"
)
