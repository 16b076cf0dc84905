/**
 * Runs an effect for each record. The end of a stream: a sink that is no topic.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { Effect } from "effect"

const mails = Topic.make("mails", { key: Serde.string, value: Serde.string })
const sent: Array<string> = []
const send = (mail: string) => Effect.sync(() => sent.push(mail))
const topology = Topology.make(KStream.from(mails).pipe(KStream.foreachEffect(send, { concurrency: 8 })))

const driver = TopologyTestDriver.make(topology)
driver.pipe(mails, { key: "ada", value: "hello" })
assert.deepEqual(sent, ["hello"])
