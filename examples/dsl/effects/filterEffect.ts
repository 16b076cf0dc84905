/**
 * Keeps the records for which an effect answers true.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { Effect } from "effect"

const mails = Topic.make("mails", { key: Serde.string, value: Serde.string })
const wanted = Topic.make("wanted", { key: Serde.string, value: Serde.string })
const isWanted = (mail: string) => Effect.sync(() => !mail.includes("lottery"))
const topology = Topology.make(KStream.from(mails).pipe(KStream.filterEffect(isWanted), KStream.to(wanted)))

const driver = TopologyTestDriver.make(topology)
for (const value of ["hello", "lottery!"]) driver.pipe(mails, { key: "ada", value })
assert.deepEqual(driver.read(wanted).map(({ value }) => value), ["hello"])
