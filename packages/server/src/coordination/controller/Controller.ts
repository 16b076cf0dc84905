/**
 * The controller as the rest of the broker uses it: the image of the cluster, and the requests that change it.
 *
 * Keeps true: what a request changed is in the image, and its partitions are open, before the request returns.
 * Leaves to others: the decisions (`ControllerTopics`, `ControllerConfigs`), the log (`MetadataLog`).
 *
 * @since 0.1.0
 */
import type { AlterConfigsRequest, AlterConfigsResponse } from "@millrace/core/protocol/messages/AlterConfigs"
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponse
} from "@millrace/core/protocol/messages/CreatePartitions"
import type { CreateTopicsRequest, CreateTopicsResponse } from "@millrace/core/protocol/messages/CreateTopics"
import type { DeleteTopicsRequest, DeleteTopicsResponse } from "@millrace/core/protocol/messages/DeleteTopics"
import type {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse
} from "@millrace/core/protocol/messages/IncrementalAlterConfigs"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { MetadataDelta } from "./MetadataDelta.ts"
import type { Endpoint, MetadataImage } from "./MetadataImage.ts"

/**
 * A change of the cluster's metadata that could not be stored; `code` is Kafka's error code.
 *
 * @since 0.1.0
 */
export class ControllerError extends Data.TaggedError("ControllerError")<{
  readonly code: number
  readonly message: string
}> {}

/**
 * Producer ids that nobody else is given: from `first` on, `length` of them.
 *
 * @since 0.1.0
 */
export interface ProducerIdBlock {
  readonly first: number
  readonly length: number
}

/**
 * The controller of the cluster.
 *
 * @since 0.1.0
 */
export class Controller extends Context.Service<Controller, {
  /** What is committed. It changes in place; nobody else changes it. */
  readonly image: MetadataImage
  /** Ids of topics that were deleted, as far as there were logs of them at this start. */
  readonly deletedTopics: ReadonlySet<string>
  /** The offset of the last committed record. */
  readonly committedOffset: () => number
  readonly createTopics: (request: CreateTopicsRequest) => Effect.Effect<CreateTopicsResponse, ControllerError>
  readonly deleteTopics: (
    request: DeleteTopicsRequest,
    version: number
  ) => Effect.Effect<DeleteTopicsResponse, ControllerError>
  readonly createPartitions: (
    request: CreatePartitionsRequest
  ) => Effect.Effect<CreatePartitionsResponse, ControllerError>
  readonly incrementalAlterConfigs: (
    request: IncrementalAlterConfigsRequest
  ) => Effect.Effect<IncrementalAlterConfigsResponse, ControllerError>
  readonly alterConfigs: (request: AlterConfigsRequest) => Effect.Effect<AlterConfigsResponse, ControllerError>
  readonly allocateProducerIds: Effect.Effect<ProducerIdBlock, ControllerError>
  /** Registers this broker as alive, with the addresses under which clients find it. */
  readonly register: (endpoints: ReadonlyArray<Endpoint>) => Effect.Effect<void, ControllerError>
  /** Calls `listener` for what is committed from now on, before the request that did it returns. */
  readonly subscribe: (listener: (delta: MetadataDelta) => Effect.Effect<void>) => Effect.Effect<void>
}>()("@millrace/server/coordination/controller/Controller") {}
