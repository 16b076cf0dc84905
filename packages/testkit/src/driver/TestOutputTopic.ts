/**
 * A topic of a driver that is read record by record (Kafka's `TestOutputTopic`).
 *
 * Keeps true: each record is read once, here or by the driver's own `read`.
 *
 * @since 0.1.0
 */
import type * as Topic from "@millrace/core/streams/Topic"
import { DriverError } from "./DriverError.ts"
import type { OutputRecord, TopologyTestDriver } from "./TopologyTestDriver.ts"

/**
 * The topic, as far as it was not read before.
 *
 * @since 0.1.0
 */
export interface TestOutputTopic<out K, out V> {
  readonly isEmpty: () => boolean
  /** How many records are still to be read. */
  readonly size: () => number
  /** The next record; throws `DriverError` (`NoRecord`) if there is none. */
  readonly readOne: () => OutputRecord<K, V>
  /** All records that are still to be read. */
  readonly read: () => ReadonlyArray<OutputRecord<K, V>>
}

/**
 * A topic of a driver, to be read record by record.
 *
 * @since 0.1.0
 */
export const make = <K, V>(
  driver: Pick<TopologyTestDriver, "read">,
  topic: Topic.Topic<K, V>
): TestOutputTopic<K, V> => {
  let unread: ReadonlyArray<OutputRecord<K, V>> = []
  const take = (): ReadonlyArray<OutputRecord<K, V>> => unread = [...unread, ...driver.read(topic)]
  return {
    isEmpty: () => take().length === 0,
    size: () => take().length,
    readOne: () => {
      const [record, ...others] = take()
      if (record === undefined) {
        throw new DriverError({
          reason: "NoRecord",
          detail: `nothing more was written to ${topic.name}`,
          hint: "look whether it isEmpty, and whether what was held back is due"
        })
      }
      unread = others
      return record
    },
    read: () => {
      const records = take()
      unread = []
      return records
    }
  }
}
