/**
 * What a decision of the controller needs and gives.
 *
 * @since 0.1.0
 */
import type { BrokerConfig } from "./BrokerConfig.ts"
import type { MetadataRecord } from "./MetadataRecord.ts"

/**
 * What a decision may use beside the image and the request: settings, and chance given as values.
 *
 * @since 0.1.0
 */
export interface DecisionContext {
  readonly config: BrokerConfig
  /** A new random uuid. */
  readonly uuid: () => string
  /** A random whole number from 0 up to, not including, `bound`. */
  readonly random: (bound: number) => number
}

/**
 * The records that make the decision true, and what is answered once they are committed.
 *
 * @since 0.1.0
 */
export interface Decision<Response> {
  readonly records: ReadonlyArray<MetadataRecord>
  readonly response: Response
}

/**
 * Why something was refused: Kafka's error code, and words for people.
 *
 * @since 0.1.0
 */
export interface Refusal {
  readonly code: number
  readonly message: string | null
}
