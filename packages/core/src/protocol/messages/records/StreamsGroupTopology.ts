/**
 * StreamsGroupTopology (type 23 of `__consumer_offsets`): the topology of a streams group.
 *
 * @since 0.1.0
 */
import { array, int16, int32, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const StreamsGroupTopologyKey = Message.coordinatorKey(
  "StreamsGroupTopologyKey",
  { apiKey: 23, versions: "0" },
  {
    groupId: string()
  }
)

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupTopologyKey = Message.Type<typeof StreamsGroupTopologyKey>

const TopicConfig = {
  key: string(),
  value: string()
}

const TopicInfo = {
  name: string(),
  partitions: int32(),
  replicationFactor: int16(),
  topicConfigs: array(TopicConfig)
}

/**
 * The value.
 *
 * @since 0.1.0
 */
export const StreamsGroupTopologyValue = Message.coordinatorValue("StreamsGroupTopologyValue", {
  apiKey: 23,
  versions: "0",
  flexible: "0+"
}, {
  epoch: int32(),
  subtopologies: array({
    subtopologyId: string(),
    sourceTopics: array(string()),
    sourceTopicRegex: array(string()),
    stateChangelogTopics: array(TopicInfo),
    repartitionSinkTopics: array(string()),
    repartitionSourceTopics: array(TopicInfo),
    copartitionGroups: array({
      sourceTopics: array(int16()),
      sourceTopicRegex: array(int16()),
      repartitionSourceTopics: array(int16())
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupTopologyValue = Message.Type<typeof StreamsGroupTopologyValue>
