/**
 * What a committed batch of records changed, as those need it who act on it.
 *
 * @since 0.1.0
 */
import { ConfigResource, type MetadataImage, type TopicImage } from "./MetadataImage.ts"
import type { MetadataRecord } from "./MetadataRecord.ts"

/**
 * Changes. Names and partitions are in the order of the records; what came and went again is only in `topicsRemoved`.
 *
 * @since 0.1.0
 */
export interface MetadataDelta {
  readonly topicsRemoved: ReadonlyArray<TopicImage>
  /** Partitions that are new, or have a new leader. */
  readonly partitionsChanged: ReadonlyArray<{ readonly topicId: string; readonly partition: number }>
  /** Topics with other settings than before. */
  readonly topicsConfigured: ReadonlyArray<string>
  readonly brokersConfigured: boolean
}

/**
 * Replays records into the image and says what they changed. `baseOffset` is that of the first record.
 *
 * @since 0.1.0
 */
export const replay = (
  image: MetadataImage,
  records: ReadonlyArray<MetadataRecord>,
  baseOffset: number
): MetadataDelta => {
  const topicsRemoved: Array<TopicImage> = []
  const partitionsChanged: Array<{ readonly topicId: string; readonly partition: number }> = []
  const topicsConfigured = new Set<string>()
  let brokersConfigured = false
  for (const [i, record] of records.entries()) {
    switch (record.type) {
      case "RemoveTopicRecord": {
        const topic = image.topicsById.get(record.value.topicId)
        if (topic !== undefined) topicsRemoved.push(topic)
        break
      }
      case "PartitionRecord":
      case "PartitionChangeRecord":
        partitionsChanged.push({ topicId: record.value.topicId, partition: record.value.partitionId })
        break
      case "ConfigRecord":
        if (record.value.resourceType === ConfigResource.topic) topicsConfigured.add(record.value.resourceName)
        if (record.value.resourceType === ConfigResource.broker) brokersConfigured = true
        break
    }
    image.replay(record, baseOffset + i)
  }
  return { topicsRemoved, partitionsChanged, topicsConfigured: [...topicsConfigured], brokersConfigured }
}

/**
 * The delta from nothing to an image.
 *
 * @since 0.1.0
 */
export const everything = (image: MetadataImage): MetadataDelta => ({
  topicsRemoved: [],
  partitionsChanged: [...image.topics.values()].flatMap((topic) =>
    topic.partitions.map((_, partition) => ({ topicId: topic.id, partition }))
  ),
  topicsConfigured: [],
  brokersConfigured: true
})
