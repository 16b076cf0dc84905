/**
 * Features: what brokers agree on before they use it (KIP-584), as of Kafka 4.3.
 *
 * @since 0.1.0
 */

/**
 * Kafka's name of the feature that stands for the format of the metadata log.
 *
 * @since 0.1.0
 */
export const metadataVersion = "metadata.version"

/**
 * The features that this broker can use, with the range of levels.
 *
 * @since 0.1.0
 */
export const supportedFeatures: ReadonlyArray<{
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
}> = [
  { name: metadataVersion, minVersion: 7, maxVersion: 30 },
  { name: "eligible.leader.replicas.version", minVersion: 0, maxVersion: 1 },
  { name: "group.version", minVersion: 0, maxVersion: 1 },
  { name: "kraft.version", minVersion: 0, maxVersion: 1 },
  { name: "share.version", minVersion: 0, maxVersion: 1 },
  { name: "streams.version", minVersion: 0, maxVersion: 1 },
  { name: "transaction.version", minVersion: 0, maxVersion: 2 }
]
