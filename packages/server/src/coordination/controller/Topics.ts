/**
 * The topics of the image, as coordinators ask for them.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { TopicDirectory } from "../shard/TopicDirectory.ts"
import { Controller } from "./Controller.ts"

/**
 * The directory of what is committed.
 *
 * @since 0.1.0
 */
export const layer = Layer.effect(
  TopicDirectory,
  Effect.map(Controller, ({ image }) =>
    TopicDirectory.of({
      nameOf: (topicId) => image.topicsById.get(topicId)?.name,
      idOf: (name) => image.topics.get(name)?.id,
      partitionCount: (name) => image.topics.get(name)?.partitions.length ?? 0
    }))
)
