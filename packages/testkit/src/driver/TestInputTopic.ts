/**
 * A topic of a driver that has a time of its own, which goes on with each record (Kafka's `TestInputTopic`).
 *
 * @since 0.1.0
 */
import type * as Topic from "@millrace/core/streams/Topic"
import * as Duration from "effect/Duration"
import type { Input } from "./TopologyTestDriver.ts"

/**
 * What it needs of a driver: any driver has it.
 *
 * @since 0.1.0
 */
export interface Driver {
  readonly pipe: <K, V>(topic: Topic.Topic<K, V>, record: Input<NoInfer<K>, NoInfer<V>>) => void
}

/**
 * The time of the first record, in milliseconds (0), and how much later each next one is (nothing).
 *
 * @since 0.1.0
 */
export interface Options {
  readonly startMs?: number | undefined
  readonly advance?: Duration.Input | undefined
}

/**
 * The topic. A record with a timestamp has that one, and the topic's time stays as it is.
 *
 * @since 0.1.0
 */
export interface TestInputTopic<in K, in V> {
  readonly pipe: (record: Input<K, V>) => void
  readonly pipeAll: (records: Iterable<Input<K, V>>) => void
  /** Lets the topic's time go on; the driver's wall clock stays as it is. */
  readonly advanceTime: (by: Duration.Input) => void
  /** The time of the next record, in milliseconds. */
  readonly timeMs: () => number
}

/**
 * A topic of a driver, with a time of its own.
 *
 * @since 0.1.0
 */
export const make = <K, V>(
  driver: Driver,
  topic: Topic.Topic<K, V>,
  { advance = 0, startMs = 0 }: Options = {}
): TestInputTopic<K, V> => {
  const advanceMs = Duration.toMillis(advance)
  let timeMs = startMs
  const pipe = (record: Input<K, V>): void => {
    if (record.timestamp !== undefined) return driver.pipe(topic, record)
    driver.pipe(topic, { ...record, timestamp: timeMs })
    timeMs += advanceMs
  }
  return {
    pipe,
    pipeAll: (records) => {
      for (const record of records) pipe(record)
    },
    advanceTime: (by) => {
      timeMs += Duration.toMillis(by)
    },
    timeMs: () => timeMs
  }
}
