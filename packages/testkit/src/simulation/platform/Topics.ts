/**
 * The topics of the platform's scenario, and who creates them.
 *
 * @since 0.1.0
 */
import * as Admin from "@millrace/client/admin/Admin"
import { KafkaError } from "@millrace/core/errors/KafkaError"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import * as Effect from "effect/Effect"

const text = { key: Serde.string, value: Serde.string }

/**
 * The topics: unique values, and copies of them; unique values in transactions; lines of words, how often each word is
 * there, and the chain of all lines of a key; and a ring of topics through which transactions take and give on values,
 * until they leave it.
 *
 * @since 0.1.0
 */
export const topics = {
  events: Topic.make("events", text),
  copies: Topic.make("copies", text),
  ledger: Topic.make("ledger", text),
  lines: Topic.make("lines", text),
  counts: Topic.make("counts", { key: Serde.string, value: Serde.long }),
  chains: Topic.make("chains", text),
  there: Topic.make("there", text),
  back: Topic.make("back", text),
  arrived: Topic.make("arrived", text)
}

/**
 * A topic by its name.
 *
 * @since 0.1.0
 */
export const byName: ReadonlyMap<string, Topic.Any> = new Map(Object.values(topics).map((topic) => [topic.name, topic]))

/**
 * Partitions of each topic.
 *
 * @since 0.1.0
 */
export const partitions = 2

/** So few bytes between two entries of an index that each run has some to look up. */
const configs = { "index.interval.bytes": "100" }

/**
 * Creates the topics, once the broker answers.
 *
 * @since 0.1.0
 */
export const create = Effect.gen(function*() {
  const admin = yield* Admin.make
  const missing = Object.values(topics).map(({ name }) => ({ name, partitions, configs }))
  yield* admin.createTopics(missing)
}).pipe(
  Effect.scoped,
  Effect.catchTag(
    "AdminError",
    (error) =>
      error.refusals.every(({ error }) => error instanceof KafkaError && error.name === "TOPIC_ALREADY_EXISTS")
        ? Effect.void
        : Effect.fail(error)
  )
)
