/**
 * Makes a new value of each value by an effect. What the effect needs and how it fails is part of the topology's type: an app
 * whose services nobody provides does not compile, and a failure ends the app as `StreamsError` with that failure in it.
 *
 * At most `concurrency` effects of an operator run at once in a task (16), and never two of one key; results leave in the order
 * in which records came. All have left before the task commits or punctuates. An effect runs at least once: it is not part of
 * the transaction.
 *
 * Kafka has nothing like it: there, a function that waits holds up all tasks of its thread.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { Context, Effect, Layer } from "effect"

const users = Topic.make("users", { key: Serde.string, value: Serde.string })
const greetings = Topic.make("greetings", { key: Serde.string, value: Serde.string })
class Names extends Context.Service<Names, { readonly of: (user: string) => Effect.Effect<string> }>()("Names") {}

const topology = Topology.make(
  KStream.from(users).pipe(
    KStream.mapValuesEffect(
      (user) => Effect.map(Names.use((names) => names.of(user)), (name) => `Hello, ${name}`),
      { value: Serde.string, concurrency: 4 }
    ),
    KStream.to(greetings)
  )
)

const layer = Layer.succeed(Names, { of: (user) => Effect.succeed(user.toUpperCase()) })
const driver = TopologyTestDriver.make(topology, { layer })
driver.pipe(users, { key: "1", value: "ada" })
assert.deepEqual(driver.read(greetings).map(({ value }) => value), ["Hello, ADA"])
