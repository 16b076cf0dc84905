/**
 * What a broker answers when it does not do what it was asked: one tagged error for all of Kafka's codes.
 *
 * Keeps true: every code has a name, a short message, what to do (`recovery`) and what to ask again first (`refresh`), so
 * that callers catch coarsely by tag, or finely by `KafkaError.is`.
 * Leaves to others: how often and how long to retry.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import { ErrorCode, type ErrorName } from "./ErrorCode.ts"

/**
 * What helps against an error.
 *
 * - `retry`: the same again, after `refresh`
 * - `restart`: begin anew (join again, make a new producer)
 * - `abort`: abort the transaction
 * - `fatal`: nothing but another configuration or other data
 * - `none`: nothing in general
 *
 * @since 0.1.0
 */
export type Recovery = "retry" | "restart" | "abort" | "fatal" | "none"

/**
 * What to ask again before a retry.
 *
 * @since 0.1.0
 */
export type Refresh = "metadata" | "coordinator" | "controller" | "none"

const descriptions: Record<Exclude<ErrorName, "NONE">, readonly [Recovery, Refresh, string]> = {
  UNKNOWN_SERVER_ERROR: ["none", "none", "the broker failed in a way it did not expect"],
  OFFSET_OUT_OF_RANGE: ["none", "none", "the partition does not hold this offset"],
  CORRUPT_MESSAGE: ["retry", "none", "the records are damaged: their checksum or size is wrong"],
  UNKNOWN_TOPIC_OR_PARTITION: ["retry", "metadata", "the broker has no such topic or partition"],
  INVALID_FETCH_SIZE: ["none", "none", "the fetch size is not valid"],
  LEADER_NOT_AVAILABLE: ["retry", "metadata", "the partition has no leader at the moment"],
  NOT_LEADER_OR_FOLLOWER: ["retry", "metadata", "the broker does not lead this partition, or has no replica of it"],
  REQUEST_TIMED_OUT: ["retry", "none", "the request was not done in time"],
  BROKER_NOT_AVAILABLE: ["none", "none", "the broker is not available"],
  REPLICA_NOT_AVAILABLE: ["retry", "metadata", "the replica is not available on this broker"],
  MESSAGE_TOO_LARGE: ["none", "none", "a batch is larger than the topic allows"],
  STALE_CONTROLLER_EPOCH: ["none", "none", "the controller has moved to another broker"],
  OFFSET_METADATA_TOO_LARGE: ["none", "none", "the text that goes with the offset is too large"],
  NETWORK_EXCEPTION: ["retry", "metadata", "the connection ended before the response came"],
  COORDINATOR_LOAD_IN_PROGRESS: ["retry", "none", "the coordinator is still loading"],
  COORDINATOR_NOT_AVAILABLE: ["retry", "coordinator", "there is no coordinator at the moment"],
  NOT_COORDINATOR: ["retry", "coordinator", "the broker is not the coordinator any more"],
  INVALID_TOPIC_EXCEPTION: ["fatal", "none", "the topic has no valid name, or may not be used like this"],
  RECORD_LIST_TOO_LARGE: ["fatal", "none", "the records are larger than a segment"],
  NOT_ENOUGH_REPLICAS: ["retry", "none", "fewer replicas are in sync than the topic demands; nothing was appended"],
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: [
    "retry",
    "none",
    "the records were appended, but fewer replicas are in sync than the topic demands"
  ],
  INVALID_REQUIRED_ACKS: ["fatal", "none", "acks must be -1, 0 or 1"],
  ILLEGAL_GENERATION: ["restart", "none", "the generation of the group has passed"],
  INCONSISTENT_GROUP_PROTOCOL: ["none", "none", "the group and this member have no protocol in common"],
  INVALID_GROUP_ID: ["none", "none", "the group id is not valid"],
  UNKNOWN_MEMBER_ID: ["restart", "none", "the coordinator does not know this member"],
  INVALID_SESSION_TIMEOUT: ["none", "none", "the session timeout is outside what the broker allows"],
  REBALANCE_IN_PROGRESS: ["none", "none", "the group is rebalancing; join again"],
  INVALID_COMMIT_OFFSET_SIZE: ["none", "none", "the offset was not stored: too large"],
  TOPIC_AUTHORIZATION_FAILED: ["fatal", "none", "not allowed on this topic"],
  GROUP_AUTHORIZATION_FAILED: ["fatal", "none", "not allowed on this group"],
  CLUSTER_AUTHORIZATION_FAILED: ["fatal", "none", "not allowed on this cluster"],
  INVALID_TIMESTAMP: ["none", "none", "the timestamp of a record is outside what the topic allows"],
  UNSUPPORTED_SASL_MECHANISM: ["fatal", "none", "the broker does not offer this SASL mechanism"],
  ILLEGAL_SASL_STATE: ["fatal", "none", "the request does not fit the state of the SASL exchange"],
  UNSUPPORTED_VERSION: ["fatal", "none", "the broker does not serve this version"],
  TOPIC_ALREADY_EXISTS: ["none", "none", "a topic of this name exists"],
  INVALID_PARTITIONS: ["none", "none", "the number of partitions is not valid"],
  INVALID_REPLICATION_FACTOR: [
    "fatal",
    "none",
    "the replication factor is not valid, or larger than the number of brokers"
  ],
  INVALID_REPLICA_ASSIGNMENT: ["none", "none", "the assignment of replicas is not valid"],
  INVALID_CONFIG: ["fatal", "none", "the configuration is not valid"],
  NOT_CONTROLLER: ["retry", "controller", "the broker is not the controller"],
  INVALID_REQUEST: ["none", "none", "the request contradicts itself or the protocol; see the log of the broker"],
  UNSUPPORTED_FOR_MESSAGE_FORMAT: ["fatal", "none", "the format of the stored records does not allow this"],
  POLICY_VIOLATION: ["none", "none", "a policy of the broker refuses this"],
  OUT_OF_ORDER_SEQUENCE_NUMBER: ["none", "none", "the sequence number is not the one that follows"],
  DUPLICATE_SEQUENCE_NUMBER: ["none", "none", "the batch was appended before"],
  INVALID_PRODUCER_EPOCH: ["restart", "none", "the epoch of the producer is old"],
  INVALID_TXN_STATE: ["none", "none", "the transaction is in a state that does not allow this"],
  INVALID_PRODUCER_ID_MAPPING: ["restart", "none", "the transactional id belongs to another producer id"],
  INVALID_TRANSACTION_TIMEOUT: ["none", "none", "the transaction timeout is larger than the broker allows"],
  CONCURRENT_TRANSACTIONS: ["retry", "none", "an operation on this transaction is still going on"],
  TRANSACTION_COORDINATOR_FENCED: ["none", "none", "the transaction coordinator has been replaced"],
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: ["fatal", "none", "not allowed with this transactional id"],
  SECURITY_DISABLED: ["none", "none", "security is not enabled on this broker"],
  OPERATION_NOT_ATTEMPTED: ["none", "none", "not tried, as something else in the request failed"],
  KAFKA_STORAGE_ERROR: ["retry", "metadata", "a disk of the broker failed"],
  LOG_DIR_NOT_FOUND: ["none", "none", "the broker has no such log directory"],
  SASL_AUTHENTICATION_FAILED: ["fatal", "none", "authentication failed"],
  UNKNOWN_PRODUCER_ID: ["none", "none", "the broker knows nothing of this producer id any more"],
  REASSIGNMENT_IN_PROGRESS: ["none", "none", "the partitions are being reassigned"],
  DELEGATION_TOKEN_AUTH_DISABLED: ["none", "none", "delegation tokens are not enabled"],
  DELEGATION_TOKEN_NOT_FOUND: ["none", "none", "there is no such delegation token"],
  DELEGATION_TOKEN_OWNER_MISMATCH: ["none", "none", "the delegation token belongs to somebody else"],
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: ["none", "none", "delegation tokens can not be asked for on such a connection"],
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: ["fatal", "none", "not allowed on this delegation token"],
  DELEGATION_TOKEN_EXPIRED: ["none", "none", "the delegation token has expired"],
  INVALID_PRINCIPAL_TYPE: ["none", "none", "principals of this type are not supported"],
  NON_EMPTY_GROUP: ["none", "none", "the group has members"],
  GROUP_ID_NOT_FOUND: ["none", "none", "there is no such group"],
  FETCH_SESSION_ID_NOT_FOUND: ["retry", "none", "the fetch session is gone"],
  INVALID_FETCH_SESSION_EPOCH: ["retry", "none", "the epoch of the fetch session is not the one that follows"],
  LISTENER_NOT_FOUND: ["retry", "metadata", "the leader has no listener like the one that was asked"],
  TOPIC_DELETION_DISABLED: ["none", "none", "deleting topics is disabled"],
  FENCED_LEADER_EPOCH: ["retry", "metadata", "the leader epoch is older than the broker's"],
  UNKNOWN_LEADER_EPOCH: ["retry", "none", "the leader epoch is newer than the broker's"],
  UNSUPPORTED_COMPRESSION_TYPE: ["none", "none", "the client's version does not support this compression"],
  STALE_BROKER_EPOCH: ["none", "none", "the epoch of the broker is old"],
  OFFSET_NOT_AVAILABLE: ["retry", "none", "the leader can not say yet how far its log is committed"],
  MEMBER_ID_REQUIRED: ["none", "none", "join again with the member id that was given"],
  PREFERRED_LEADER_NOT_AVAILABLE: ["retry", "metadata", "the preferred leader is not available"],
  GROUP_MAX_SIZE_REACHED: ["none", "none", "the group is full"],
  FENCED_INSTANCE_ID: ["restart", "none", "another consumer has taken this group.instance.id"],
  ELIGIBLE_LEADERS_NOT_AVAILABLE: ["retry", "metadata", "no replica that may lead is available"],
  ELECTION_NOT_NEEDED: ["retry", "metadata", "the partition has the leader it should have"],
  NO_REASSIGNMENT_IN_PROGRESS: ["none", "none", "the partition is not being reassigned"],
  GROUP_SUBSCRIBED_TO_TOPIC: ["none", "none", "members of the group read this topic"],
  INVALID_RECORD: ["fatal", "none", "the broker refuses a record of the batch"],
  UNSTABLE_OFFSET_COMMIT: ["retry", "none", "offsets of an open transaction stand in the way"],
  THROTTLING_QUOTA_EXCEEDED: ["retry", "none", "a quota is exceeded"],
  PRODUCER_FENCED: ["restart", "none", "a newer producer has the same transactional id"],
  RESOURCE_NOT_FOUND: ["none", "none", "there is no such resource"],
  DUPLICATE_RESOURCE: ["none", "none", "a resource was named twice"],
  UNACCEPTABLE_CREDENTIAL: ["none", "none", "the credential does not meet what is required"],
  INCONSISTENT_VOTER_SET: ["none", "none", "sender or receiver is not one of the voters expected"],
  INVALID_UPDATE_VERSION: ["none", "none", "the version that was to be changed is not the current one"],
  FEATURE_UPDATE_FAILED: ["none", "none", "features could not be changed"],
  PRINCIPAL_DESERIALIZATION_FAILURE: ["none", "none", "the principal in a forwarded request can not be read"],
  SNAPSHOT_NOT_FOUND: ["none", "none", "there is no such snapshot"],
  POSITION_OUT_OF_RANGE: ["none", "none", "the snapshot does not reach this position"],
  UNKNOWN_TOPIC_ID: ["retry", "metadata", "the broker has no topic with this id"],
  DUPLICATE_BROKER_REGISTRATION: ["none", "none", "another broker is registered with this id"],
  BROKER_ID_NOT_REGISTERED: ["none", "none", "no broker is registered with this id"],
  INCONSISTENT_TOPIC_ID: ["retry", "metadata", "the log belongs to a topic with another id"],
  INCONSISTENT_CLUSTER_ID: ["none", "none", "the request is for another cluster"],
  TRANSACTIONAL_ID_NOT_FOUND: ["none", "none", "there is no such transactional id"],
  FETCH_SESSION_TOPIC_ID_ERROR: ["retry", "none", "the fetch session mixes topic names and topic ids"],
  INELIGIBLE_REPLICA: ["none", "none", "a replica of the new set may not be in sync"],
  NEW_LEADER_ELECTED: ["none", "none", "the change made another broker the leader"],
  OFFSET_MOVED_TO_TIERED_STORAGE: ["none", "none", "the offset is in tiered storage only"],
  FENCED_MEMBER_EPOCH: ["none", "none", "the coordinator fenced this member; join again"],
  UNRELEASED_INSTANCE_ID: ["none", "none", "a live member holds this instance id"],
  UNSUPPORTED_ASSIGNOR: ["none", "none", "the group does not know this assignor"],
  STALE_MEMBER_EPOCH: ["none", "none", "the member epoch is old; retry with the current one"],
  MISMATCHED_ENDPOINT_TYPE: [
    "none",
    "none",
    "the request went to a broker instead of a controller, or the other way round"
  ],
  UNSUPPORTED_ENDPOINT_TYPE: ["none", "none", "endpoints of this type are not known"],
  UNKNOWN_CONTROLLER_ID: ["none", "none", "there is no such controller"],
  UNKNOWN_SUBSCRIPTION_ID: ["none", "none", "the metrics were pushed under a subscription that is not current"],
  TELEMETRY_TOO_LARGE: ["none", "none", "the metrics are larger than the broker allows"],
  INVALID_REGISTRATION: ["none", "none", "the controller refuses this registration"],
  TRANSACTION_ABORTABLE: ["abort", "none", "the transaction can only be aborted"],
  INVALID_RECORD_STATE: ["none", "none", "the state of the record does not allow this acknowledgement"],
  SHARE_SESSION_NOT_FOUND: ["retry", "none", "the share session is gone"],
  INVALID_SHARE_SESSION_EPOCH: ["retry", "none", "the epoch of the share session is not the one that follows"],
  FENCED_STATE_EPOCH: ["none", "none", "the state epoch of the share partition is old"],
  INVALID_VOTER_KEY: ["none", "none", "the voter has another id or directory"],
  DUPLICATE_VOTER: ["none", "none", "the voter is in the set already"],
  VOTER_NOT_FOUND: ["none", "none", "the voter is not in the set"],
  INVALID_REGULAR_EXPRESSION: ["none", "none", "the regular expression is not valid"],
  REBOOTSTRAP_REQUIRED: ["none", "none", "start again from the bootstrap servers"],
  STREAMS_INVALID_TOPOLOGY: ["none", "none", "the topology is not valid"],
  STREAMS_INVALID_TOPOLOGY_EPOCH: ["none", "none", "the epoch of the topology is not valid"],
  STREAMS_TOPOLOGY_FENCED: ["none", "none", "the epoch of the topology is old"],
  SHARE_SESSION_LIMIT_REACHED: ["retry", "none", "the broker holds no more share sessions"]
}

const names = new Map<number, Exclude<ErrorName, "NONE">>()
for (const name of Object.keys(descriptions) as ReadonlyArray<Exclude<ErrorName, "NONE">>) {
  names.set(ErrorCode[name], name)
}

/**
 * An error code from a broker.
 *
 * @since 0.1.0
 */
export class KafkaError extends Data.TaggedError("KafkaError")<{
  /** The number on the wire; also one that has no name (yet). */
  readonly code: number
  /** Kafka's name; `UNKNOWN_SERVER_ERROR` for a number without one. */
  readonly name: ErrorName
  /** Whether the same request may succeed later. */
  readonly retriable: boolean
  readonly recovery: Recovery
  readonly refresh: Refresh
  /** For people; with the broker's own words where it gave some. */
  readonly message: string
}> {}

/**
 * The error of a code, with the broker's own message where there is one. Code 0 is no error: ask `isError` first.
 *
 * @since 0.1.0
 */
export const fromCode = (code: number, detail?: string | null): KafkaError => {
  const name = names.get(code) ?? "UNKNOWN_SERVER_ERROR"
  const [recovery, refresh, text] = descriptions[name]
  const known = names.has(code) ? text : `${text} (code ${code})`
  const message = detail === undefined || detail === null || detail === "" ? known : `${known}: ${detail}`
  return new KafkaError({ code, name, retriable: recovery === "retry", recovery, refresh, message })
}

/**
 * Whether a code says that something failed.
 *
 * @since 0.1.0
 */
export const isError = (code: number): boolean => code !== ErrorCode.NONE

/**
 * The name of a code, for logs and people; the number where it has none.
 *
 * @since 0.1.0
 */
export const nameOf = (code: number): string => code === ErrorCode.NONE ? "NONE" : names.get(code) ?? String(code)

/**
 * A test for some errors by name: `Effect.catchIf(KafkaError.is("NOT_COORDINATOR"), …)`.
 *
 * @since 0.1.0
 */
export const is = (...wanted: ReadonlyArray<ErrorName>) => (error: unknown): error is KafkaError =>
  error instanceof KafkaError && wanted.includes(error.name)
