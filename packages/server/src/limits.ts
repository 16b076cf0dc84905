/**
 * The limits of server: every bound on queues, buffers, caches and loops, by name, with its unit and default.
 *
 * @since 0.1.0
 */

/**
 * Partitions that one request may create (Kafka's bound in its controller).
 *
 * @since 0.1.0
 */
export const partitionsPerRequestMax = 10_000

/**
 * Requests of one connection that may be waiting for their second stage; beyond it the connection is not read.
 *
 * @since 0.1.0
 */
export const requestsInFlightPerConnectionMax = 64

/**
 * Bytes of requests that all connections together may hold in memory, in bytes, where `queued.max.request.bytes` says
 * nothing.
 *
 * @since 0.1.0
 */
export const requestMemoryMaxBytes = 256 * 1024 * 1024

/**
 * How long a frame may take from its first byte to its last, in milliseconds; a slower connection is closed.
 *
 * @since 0.1.0
 */
export const frameReceiveTimeMaxMs = 60_000

/**
 * How often connections are looked over for idle ones, in milliseconds.
 *
 * @since 0.1.0
 */
export const idleCheckIntervalMs = 5_000

/**
 * How long a stopping listener waits for requests in progress, in milliseconds.
 *
 * @since 0.1.0
 */
export const shutdownGraceMs = 5_000

/**
 * Connections that a listener has open at once, where `max.connections` asks for more.
 *
 * @since 0.1.0
 */
export const connectionsMax = 20_000

/**
 * Batches that a partition remembers of each producer; a retry of one of them is answered, not written again.
 *
 * @since 0.1.0
 */
export const producerBatchesMax = 5

/**
 * How far from the end of a log, in bytes, reads are synchronous: such pages are in memory, and a hop through a thread
 * would cost many times the read.
 *
 * @since 0.1.0
 */
export const tailReadMaxBytes = 8 * 1024 * 1024

/**
 * Bytes that a search for one batch reads at a time.
 *
 * @since 0.1.0
 */
export const searchBlockBytes = 8 * 1024

/**
 * Bytes that recovery reads at a time (a larger batch makes its block grow to the batch).
 *
 * @since 0.1.0
 */
export const recoveryBlockBytes = 1024 * 1024

/**
 * Indexes of old segments that one log keeps in memory.
 *
 * @since 0.1.0
 */
export const residentSegmentsMax = 4

/**
 * Logs that one log directory syncs at the same time.
 *
 * @since 0.1.0
 */
export const syncConcurrencyMax = 4

/**
 * Logs of one log directory that are opened at the same time (Kafka's `num.recovery.threads.per.data.dir`).
 *
 * @since 0.1.0
 */
export const openConcurrencyMax = 2

/**
 * Requests that one coordinator shard holds without an answer; more are refused as COORDINATOR_NOT_AVAILABLE.
 *
 * @since 0.1.0
 */
export const shardRequestsMax = 10_000

/**
 * Requests, and as many timers, that one coordinator shard decides before it looks for commits again.
 *
 * @since 0.1.0
 */
export const shardStepRequestsMax = 1000

/**
 * Appends of one coordinator shard that wait for their commit at the same time.
 *
 * @since 0.1.0
 */
export const shardFlightsMax = 64

/**
 * Bytes up to which a coordinator shard puts records of several decisions into one batch (Kafka's default for
 * `max.message.bytes`, less the batch header).
 *
 * @since 0.1.0
 */
export const shardBatchMaxBytes = 1_000_000

/**
 * Milliseconds until a coordinator shard tries again to read its log (doubled each time) or to do what the log refused.
 *
 * @since 0.1.0
 */
export const shardRetryBackoffMs = 100

/**
 * The most milliseconds between attempts of a coordinator shard to read its log.
 *
 * @since 0.1.0
 */
export const shardRetryBackoffMaxMs = 10_000

/**
 * How long a fetch session must have been unused before another may take its place, in milliseconds (as in Kafka).
 *
 * @since 0.1.0
 */
export const fetchSessionEvictionMs = 120_000

/**
 * Partitions of one Produce request that are appended to at once.
 *
 * @since 0.1.0
 */
export const produceConcurrencyMax = 16

/**
 * How much of the metadata log is read at once, in bytes.
 *
 * @since 0.1.0
 */
export const metadataReadBytes = 1024 * 1024

/**
 * The largest batch of the metadata log, in bytes (Kafka's `internal.metadata.max.batch.size.in.bytes`).
 *
 * @since 0.1.0
 */
export const metadataBatchMaxBytes = 8 * 1024 * 1024

/**
 * Producer ids that a broker is given at once (as in Kafka).
 *
 * @since 0.1.0
 */
export const producerIdBlockLength = 1000

/**
 * Partitions that are opened at once when the broker starts or a topic is created: their syncs overlap.
 *
 * @since 0.1.0
 */
export const partitionsOpenedAtOnceMax = 64

/**
 * Milliseconds that a new member of a classic group may wait for its first rebalance (as in Kafka).
 *
 * @since 0.1.0
 */
export const groupNewMemberJoinTimeoutMs = 5 * 60 * 1000

/**
 * Expired offsets that one coordinator shard removes before it serves requests again.
 *
 * @since 0.1.0
 */
export const groupExpiredOffsetsMax = 10_000

/**
 * Partitions at which the end of one transaction is written at once.
 *
 * @since 0.1.0
 */
export const markersAtOnceMax = 16

/**
 * How long a listener waits after it could not accept a connection, in milliseconds.
 *
 * @since 0.1.0
 */
export const acceptRetryMs = 100

/**
 * Milliseconds that a coordinator shard waits for an append to be committed before it reads its log again.
 *
 * @since 0.1.0
 */
export const shardCommitTimeoutMs = 30_000

/**
 * Bytes that a coordinator shard reads of its log at a time.
 *
 * @since 0.1.0
 */
export const shardReplayBytes = 1024 * 1024

/**
 * Milliseconds until a transaction's marker is sent again to partitions that did not take it (doubled each time).
 *
 * @since 0.1.0
 */
export const markerRetryBackoffMs = 20

/**
 * The most milliseconds between attempts to send a transaction's marker.
 *
 * @since 0.1.0
 */
export const markerRetryBackoffMaxMs = 1000

/**
 * Milliseconds between attempts to put a partition into a transaction whose predecessor is still ending (Kafka's
 * `add.partitions.to.txn.retry.backoff.ms`).
 *
 * @since 0.1.0
 */
export const verifyRetryBackoffMs = 20

/**
 * Milliseconds after which no such attempt is made any more, and the client is told to try again (Kafka's
 * `add.partitions.to.txn.retry.backoff.max.ms`).
 *
 * @since 0.1.0
 */
export const verifyRetryMaxMs = 100

/**
 * Characters of the pattern of a ListTransactions.
 *
 * @since 0.1.0
 */
export const transactionalIdPatternMax = 1000

/**
 * How long a frame may take from its first byte to its last while other requests wait for memory, in milliseconds.
 *
 * @since 0.1.0
 */
export const frameReceiveTimeShortMs = 5_000

/**
 * Bytes of requests that each connection may hold whatever others hold.
 *
 * @since 0.1.0
 */
export const requestReserveBytes = 64 * 1024

/**
 * How often a log directory that another process holds is asked for again, in milliseconds.
 *
 * @since 0.1.0
 */
export const lockRetryMs = 100

/**
 * How many times it is asked for again.
 *
 * @since 0.1.0
 */
export const lockRetriesMax = 20

/**
 * Characters, classes and groups of the pattern of a ListTransactions, those that are repeated counted as often.
 *
 * @since 0.1.0
 */
export const transactionalIdPatternStatesMax = 10_000

/**
 * The smallest buffer, in bytes, that is kept to be used again; smaller ones are as cheap made anew. It is more than
 * `frameSharedMaxBytes`, since what frames share must never be used again.
 *
 * @since 0.1.0
 */
export const pooledBufferMinBytes = 8192

/**
 * The largest buffer, in bytes, that is kept to be used again: the largest request of a client with usual settings.
 *
 * @since 0.1.0
 */
export const pooledBufferMaxBytes = 2 * 1024 * 1024

/**
 * How many bytes of buffers a broker keeps to use them again.
 *
 * @since 0.1.0
 */
export const pooledBytesMax = 32 * 1024 * 1024

/**
 * How many places where readers stopped a segment notes; as many readers go on without a search.
 *
 * @since 0.1.0
 */
export const notedPositionsMax = 16

/**
 * Batches up to this many bytes are appended one after the other, as appending them never leaves the event loop.
 *
 * @since 0.1.0
 */
export const appendInlineMaxBytes = 256 * 1024

/**
 * How long, in milliseconds, the members live that another broker left in a group of a kind that is not served here: a
 * session by Kafka's defaults.
 *
 * @since 0.1.0
 */
export const foreignGroupSessionMs = 45_000

/**
 * How long, in milliseconds, a fetch waits at most, whatever it asks for: whether its client is still there shows only when
 * it is answered.
 *
 * @since 0.1.0
 */
export const fetchWaitMaxMs = 5 * 60 * 1000

/**
 * How many partitions a fetch session holds at most; one that grows beyond ends, and its client asks for all again.
 *
 * @since 0.1.0
 */
export const fetchSessionPartitionsMax = 10_000
