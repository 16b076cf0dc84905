/**
 * Our coordinators take over logs that Apache Kafka wrote: `fixtures/kafkaLogs.json`, and what its admin client said of them.
 */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { defaults as groupDefaults } from "../../src/coordination/group/GroupConfig.ts"
import * as GroupEvent from "../../src/coordination/group/GroupEvent.ts"
import * as GroupMachine from "../../src/coordination/group/GroupMachine.ts"
import { defaults as transactionDefaults } from "../../src/coordination/transaction/TransactionConfig.ts"
import * as TransactionEvent from "../../src/coordination/transaction/TransactionEvent.ts"
import * as TransactionMachine from "../../src/coordination/transaction/TransactionMachine.ts"
import { MachineDriver, type Stored } from "./MachineDriver.ts"

interface Entry {
  readonly marker?: string
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly key?: string
  readonly value?: string | null
  readonly producer?: { readonly producerId: number; readonly producerEpoch: number } | null
}

const logs: { readonly [partition: string]: ReadonlyArray<Entry> } = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixtures", "kafkaLogs.json"), "utf8")
)

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64"))

const storedOf = (entry: Entry): Stored =>
  entry.marker === undefined
    ? {
      record: {
        key: bytes(entry.key!),
        value: entry.value === null || entry.value === undefined ? null : bytes(entry.value)
      },
      producer: entry.producer ?? null
    }
    : {
      marker: {
        producerId: entry.producerId!,
        producerEpoch: entry.producerEpoch!,
        committed: entry.marker === "COMMIT",
        coordinatorEpoch: 0,
        transactionVersion: 0
      }
    }

const storedIn = (partition: string) => logs[partition]!.map(storedOf)

const partitionsOf = (topic: string) => Object.keys(logs).filter((name) => name.startsWith(`${topic}-`))

describe("logs of Apache Kafka", () => {
  it("give the committed offsets of every kind of group", () => {
    const offsets = partitionsOf("__consumer_offsets").flatMap((partition) => {
      const { state } = new MachineDriver(GroupMachine.make(groupDefaults), storedIn(partition))
      return [...state.offsets].flatMap(([group, all]) =>
        [...all.values()].map(({ offset }) =>
          [group, offset.topic, offset.partition, offset.offset, offset.metadata].join(" ")
        )
      )
    })
    assert.sameMembers(offsets, [
      "group-classic plain 2 0 ",
      "group-classic plain 1 0 ",
      "group-classic plain 0 0 ",
      "group-classic log-append 0 2000 ",
      "group-consumer plain 2 0 ",
      "group-consumer plain 1 0 ",
      "group-consumer plain 0 0 ",
      "group-consumer log-append 0 2000 ",
      "group-admin plain 1 5 metadata ü",
      "group-tx-0 plain 0 168 from tx-0",
      "group-tx-1 plain 0 154 from tx-1",
      "group-tx-2 plain 0 168 from tx-2"
    ])
  })

  it("give the groups, and keep those of other kinds as what they are", () => {
    const groups: Array<string> = []
    const foreign: Array<string> = []
    for (const partition of partitionsOf("__consumer_offsets")) {
      const { state } = new MachineDriver(GroupMachine.make(groupDefaults), storedIn(partition))
      for (const group of state.groups.values()) {
        groups.push([group.groupId, group.state, group.protocolType, group.generationId].join(" "))
      }
      for (const [groupId, { groupType }] of state.foreign) foreign.push(`${groupId} ${groupType}`)
    }
    assert.sameMembers(groups, [
      "group-classic Empty consumer 2",
      "group-admin Empty  0",
      "group-tx-0 Empty  0",
      "group-tx-1 Empty  0",
      "group-tx-2 Empty  0"
    ])
    assert.deepStrictEqual(foreign, ["group-consumer consumer"])
  })

  it("give the transactions", () => {
    const found = partitionsOf("__transaction_state").flatMap((partition) => {
      const { actions, state } = new MachineDriver(TransactionMachine.make(transactionDefaults), storedIn(partition))
      assert.deepStrictEqual(actions, [])
      return [...state.transactions.values()].map((transaction) =>
        [transaction.transactionalId, transaction.producerId, transaction.status].join(" ")
      )
    })
    assert.sameMembers(found, [
      "tx-open 9 Ongoing",
      "tx-0 6 CompleteCommit",
      "tx-1 7 CompleteCommit",
      "tx-2 8 CompleteCommit"
    ])
  })

  it("are written by us byte for byte", () => {
    let compared = 0
    const compare = <E>(
      partition: string,
      decode: (record: { key: Uint8Array | null; value: Uint8Array | null }) => E | null,
      encode: (event: E) => { readonly key: Uint8Array | null; readonly value: Uint8Array | null } | null,
      isOurs: (event: E) => boolean
    ) => {
      for (const entry of storedIn(partition)) {
        if (!("record" in entry)) continue
        const event = decode(entry.record)
        if (event === null || !isOurs(event)) continue
        assert.deepStrictEqual(encode(event), entry.record)
        compared++
      }
    }
    for (const partition of partitionsOf("__consumer_offsets")) {
      compare(partition, GroupEvent.decode, GroupEvent.encode, (event) => event.type !== "ForeignStored")
    }
    for (const partition of partitionsOf("__transaction_state")) {
      compare(partition, TransactionEvent.decode, TransactionEvent.encode, () => true)
    }
    assert.isAbove(compared, 50)
  })
})
