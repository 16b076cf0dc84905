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

/**
 * How long a record waits for others, in milliseconds (Kafka's `linger.ms`).
 *
 * @since 0.1.0
 */
export const lingerMs = 5

/**
 * The size at which a batch is full, in bytes before compression (Kafka's `batch.size`).
 *
 * @since 0.1.0
 */
export const batchSizeBytes = 16 * 1024

/**
 * How much a producer buffers, in bytes (Kafka's `buffer.memory`).
 *
 * @since 0.1.0
 */
export const bufferMemoryBytes = 32 * 1024 * 1024

/**
 * The largest record, and the most of batches in one request, in bytes (Kafka's `max.request.size`).
 *
 * @since 0.1.0
 */
export const producerRequestMaxBytes = 1024 * 1024

/**
 * How many requests of a producer one broker may have unanswered (Kafka's `max.in.flight.requests.per.connection`).
 *
 * @since 0.1.0
 */
export const producerInFlightMax = 5

/**
 * How long a record may take from being sent to being acknowledged, in milliseconds (Kafka's `delivery.timeout.ms`).
 *
 * @since 0.1.0
 */
export const deliveryTimeoutMs = 120_000

/**
 * How long a producer waits for room, for metadata or for its transaction to end, in milliseconds (`max.block.ms`).
 *
 * @since 0.1.0
 */
export const producerBlockMaxMs = 60_000

/**
 * How many failures of enqueued records are kept for `producer.failures`; the oldest are dropped.
 *
 * @since 0.1.0
 */
export const producerFailuresMax = 1024

/**
 * How long a transaction may stay open, in milliseconds (Kafka's `transaction.timeout.ms`).
 *
 * @since 0.1.0
 */
export const transactionTimeoutMs = 60_000

/**
 * Streams: records that one task processes before the next task has its turn.
 *
 * @since 0.1.0
 */
export const recordsPerTurnMax = 1000

/**
 * Streams: fetched and unprocessed records of one partition, in bytes, beyond which no more of it are fetched.
 *
 * @since 0.1.0
 */
export const bufferedPerPartitionMaxBytes = 1024 * 1024

/**
 * Streams: what the record caches of an app's stores hold back until a commit, all together: Kafka's default.
 *
 * @since 0.1.0
 */
export const stateStoreCacheMaxBytes = 10 * 1024 * 1024

/**
 * Streams: how many transactions in a row may be lost before the app stops.
 *
 * @since 0.1.0
 */
export const transactionFailuresMax = 10

/**
 * Streams: how long tasks process records before sockets have their turn, in milliseconds.
 *
 * @since 0.1.0
 */
export const processingTurnMaxMs = 20

/**
 * Streams: how many effects of one operator run at once in one task, unless the operator says otherwise.
 *
 * @since 0.1.0
 */
export const effectsPerOperatorMax = 16

/**
 * Streams: how many records of one task wait for effects before the task takes no more.
 *
 * @since 0.1.0
 */
export const effectsPerTaskMax = 1000

/**
 * Streams: how long a loop that has nothing to do but wait for effects waits before it polls again, in milliseconds.
 *
 * @since 0.1.0
 */
export const effectWaitMaxMs = 10

/**
 * How long a group waits for a member's heartbeat, in milliseconds (Kafka's `session.timeout.ms`).
 *
 * @since 0.1.0
 */
export const sessionTimeoutMs = 45_000

/**
 * How often a member shows that it lives, in milliseconds (Kafka's `heartbeat.interval.ms`).
 *
 * @since 0.1.0
 */
export const heartbeatIntervalMs = 3_000

/**
 * The longest time between two polls, in milliseconds (Kafka's `max.poll.interval.ms`).
 *
 * @since 0.1.0
 */
export const maxPollIntervalMs = 300_000

/**
 * The most that one fetch brings, in bytes (Kafka's `fetch.max.bytes`).
 *
 * @since 0.1.0
 */
export const fetchMaxBytes = 50 * 1024 * 1024

/**
 * The most that one fetch brings of one partition, in bytes (Kafka's `max.partition.fetch.bytes`).
 *
 * @since 0.1.0
 */
export const fetchPartitionMaxBytes = 1024 * 1024

/**
 * How long a broker holds a fetch that has nothing to bring, in milliseconds (Kafka's `fetch.max.wait.ms`).
 *
 * @since 0.1.0
 */
export const fetchMaxWaitMs = 500

/**
 * How much a consumer fetches ahead, in bytes, before it waits for polls.
 *
 * @since 0.1.0
 */
export const fetchBufferBytes = 64 * 1024 * 1024

/**
 * How often a consumer commits by itself, in milliseconds (Kafka's `auto.commit.interval.ms`).
 *
 * @since 0.1.0
 */
export const autoCommitIntervalMs = 5_000

/**
 * Streams: how long an orderly close may take before the app is left as it is, in milliseconds.
 *
 * @since 0.1.0
 */
export const closeTimeoutMs = 30_000

/**
 * How long an app polls at a time while its tasks only wait for partitions of which it is not known yet what they have, in
 * milliseconds.
 *
 * @since 0.1.0
 */
export const taskIdlePollMs = 10

/**
 * Streams: how long a poll waits for records, in milliseconds (Kafka's `poll.ms`).
 *
 * @since 0.1.0
 */
export const streamsPollMs = 100

/**
 * How long one poll of `Transaction.take` waits for records before it looks after its membership, in milliseconds.
 *
 * @since 0.1.0
 */
export const takePollMs = 1_000

/**
 * How long one poll of a stream of records waits before it looks after commits and membership, in milliseconds.
 *
 * @since 0.1.0
 */
export const consumerPollMs = 1_000

/**
 * Milliseconds that a turn of a streams app waits for changelogs while other tasks of the instance run.
 *
 * @since 0.1.0
 */
export const restoreWaitMaxMs = 10

/**
 * How many coordinators of groups and transactional ids a cluster remembers; the oldest are looked up again.
 *
 * @since 0.1.0
 */
export const coordinatorsMax = 1024

/**
 * How many topics that are not there a cluster remembers the cause of, before it forgets them all.
 *
 * @since 0.1.0
 */
export const topicErrorsMax = 1024

/**
 * Bytes that a store on disk keeps in memory although they are written.
 *
 * @since 0.1.0
 */
export const diskMapRecentMaxBytes = 16 * 1024 * 1024

/**
 * Bytes that a store on disk reads of its largest keys when it is first scanned.
 *
 * @since 0.1.0
 */
export const diskMapLoadMaxBytes = 1024 * 1024

/**
 * Bytes of changes of an instance's stores on disk beyond which the next commit writes them, and does not leave it to a later
 * one: what changes often is then written once for many commits.
 *
 * @since 0.1.0
 */
export const diskWriteMinBytes = 8 * 1024 * 1024

/**
 * The longest time that changes of stores on disk wait to be written by a commit, in milliseconds. What was not written when
 * the process dies is read again from changelogs.
 *
 * @since 0.1.0
 */
export const diskWriteIntervalMs = 1000

/**
 * Bytes of changes of an instance's stores on disk beyond which it commits early.
 *
 * @since 0.1.0
 */
export const diskChangesMaxBytes = 64 * 1024 * 1024

/**
 * Streams: how often the cluster is asked, for those who wait, how far into its inputs a copy of a store is, in milliseconds.
 *
 * @since 0.1.0
 */
export const standbyPositionIntervalMs = 100

/**
 * Streams: how long a query is tried again while tasks move, in milliseconds, unless it says otherwise.
 *
 * @since 0.1.0
 */
export const queryTimeoutMs = 30_000

/**
 * Streams: the first wait before a query is tried again, in milliseconds.
 *
 * @since 0.1.0
 */
export const queryBackoffMinMs = 20

/**
 * Streams: the longest wait before a query is tried again, in milliseconds.
 *
 * @since 0.1.0
 */
export const queryBackoffMaxMs = 200

/**
 * Streams: how long another instance may take to answer a query, in milliseconds, beside what it is told to wait.
 *
 * @since 0.1.0
 */
export const queryAttemptMaxMs = 5_000

/**
 * Streams: how long an instance waits for a store to come up to a bound at a time, in milliseconds; the asker then asks again.
 *
 * @since 0.1.0
 */
export const queryWaitMaxMs = 2_000

/**
 * Streams: the largest page of the answer to a query: entries.
 *
 * @since 0.1.0
 */
export const queryPageEntriesMax = 1000

/**
 * Streams: the largest page of the answer to a query: bytes of keys and values, unless a single entry is larger.
 *
 * @since 0.1.0
 */
export const queryPageBytesMax = 512 * 1024

/**
 * Streams: the largest question that an instance takes from another, in bytes.
 *
 * @since 0.1.0
 */
export const queryQuestionMaxBytes = 4 * 1024 * 1024

/**
 * Streams: the largest answer that an instance gives to another, in bytes.
 *
 * @since 0.1.0
 */
export const queryAnswerMaxBytes = 64 * 1024 * 1024

/**
 * Streams: how many connections of other instances an instance serves; more are closed at once.
 *
 * @since 0.1.0
 */
export const queryConnectionsMax = 1024

/**
 * Streams: after which time without a question a connection of another instance is closed, in milliseconds.
 *
 * @since 0.1.0
 */
export const queryConnectionIdleMaxMs = 300_000

/**
 * Streams: how many questions another instance is asked at a time; more wait their turn.
 *
 * @since 0.1.0
 */
export const queriesPerPeerMax = 32

/**
 * Streams: how many other instances are remembered; connections to those not asked for the longest time are closed.
 *
 * @since 0.1.0
 */
export const queryPeersMax = 256
