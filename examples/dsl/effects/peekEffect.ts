/**
 * Runs an effect for each record, which waits for it and then goes on as it was.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { Effect } from "effect"

const payments = Topic.make("payments", { key: Serde.string, value: Serde.long })
const audited = Topic.make("audited", { key: Serde.string, value: Serde.long })
const audit: Array<string> = []
const topology = Topology.make(
  KStream.from(payments).pipe(
    KStream.peekEffect((amount, account) => Effect.sync(() => audit.push(`${account}: ${amount}`))),
    KStream.to(audited)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(payments, { key: "ada", value: 5 })
assert.deepEqual(audit, ["ada: 5"])
assert.equal(driver.read(audited).length, 1)
