import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { JoinGroupResponse } from "@millrace/core/protocol/messages/JoinGroup"
import type { SyncGroupResponse } from "@millrace/core/protocol/messages/SyncGroup"
import * as Uuid from "@millrace/core/protocol/Uuid"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Classic from "../../../src/coordination/group/ClassicGroup.ts"
import * as GroupAdmin from "../../../src/coordination/group/GroupAdmin.ts"
import { defaults, type GroupConfig } from "../../../src/coordination/group/GroupConfig.ts"
import { type GroupDecision, GroupDraft } from "../../../src/coordination/group/GroupDraft.ts"
import * as GroupMachine from "../../../src/coordination/group/GroupMachine.ts"
import type { GroupState } from "../../../src/coordination/group/GroupState.ts"
import * as Join from "../../../src/coordination/group/Join.ts"
import * as Leave from "../../../src/coordination/group/Leave.ts"
import * as OffsetCommits from "../../../src/coordination/group/OffsetCommits.ts"
import * as Session from "../../../src/coordination/group/Session.ts"
import * as Sync from "../../../src/coordination/group/Sync.ts"
import type { ShardProducer } from "../../../src/coordination/shard/ShardLog.ts"
import { MachineDriver } from "../MachineDriver.ts"

const config: GroupConfig = { ...defaults, initialRebalanceDelayMs: 500, sizeMax: 4 }
const groupId = "g"

/** What a client of the simulation knows of itself. */
interface Client {
  readonly instanceId: string | null
  memberId: string
  generationId: number
  leads: boolean
  members: ReadonlyArray<string>
}

const durable = (state: GroupState) => ({
  offsets: [...state.offsets].map(([id, offsets]) =>
    [id, [...offsets].map(([key, { offset }]) => [key, offset] as const).sort(byKey)] as const
  ).sort(byKey),
  pending: [...state.pending].map(([id, producers]) =>
    [
      id,
      [...producers].map(([producer, offsets]) =>
        [String(producer), [...offsets].map(([key, { offset }]) => [key, offset] as const).sort(byKey)] as const
      ).sort(byKey)
    ] as const
  ).sort(byKey),
  stored: [...state.stored].sort(byKey),
  foreign: [...state.foreign].sort(byKey)
})

const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]) => (a[0] < b[0] ? -1 : 1)

/** One group with some clients, driven by numbers. */
class Simulation {
  readonly driver = new MachineDriver(GroupMachine.make(config))
  readonly clients: ReadonlyArray<Client> = [null, null, null, "i1", "i1"].map((instanceId) => ({
    instanceId,
    memberId: "",
    generationId: -1,
    leads: false,
    members: []
  }))
  /** For each generation, the assignment that its leader gave first; whoever got one must have got his share of it. */
  readonly assignments = new Map<string, string>()
  newest = 0
  private nextMember = 0

  get group(): Classic.ClassicGroup | undefined {
    return this.driver.state.groups.get(groupId)
  }

  run(n: number): void {
    const client = this.clients[n % this.clients.length]!
    const rest = Math.floor(n / this.clients.length)
    switch (rest % 10) {
      case 0:
      case 1:
        return this.join(client, rest)
      case 2:
      case 3:
        return this.sync(client, rest)
      case 4:
        return this.heartbeat(client)
      case 5:
        return this.leave(client)
      case 6:
        return this.commit(client, rest)
      case 7:
        return this.end(rest)
      case 8:
        return this.driver.advance(rest % 2000)
      default:
        return rest % 5 === 0 ? this.remove() : this.driver.advance(rest % 40_000)
    }
  }

  private decide(make: () => GroupDecision, producer: ShardProducer | null = null): void {
    const before = durable(this.driver.state)
    const groupBefore = this.group
    const open = new Set(this.driver.open)
    const decision = make()
    this.driver.refuse(decision, producer)
    assert.deepStrictEqual(durable(this.driver.state), before)
    assert.strictEqual(this.group, groupBefore)
    this.driver.accept(decision, producer)
    // The ticket of this decision may be new; others are answered once at most, which the driver sees to.
    for (const id of this.driver.open) if (!open.has(id)) open.add(id)
  }

  private join(client: Client, rest: number): void {
    const { driver } = this
    const protocols = [{ name: "range", metadata: new Uint8Array([rest % 2]) }, {
      name: "sticky",
      metadata: new Uint8Array([1])
    }]
    const ticket = driver.ticket<JoinGroupResponse>((response) => {
      if (response.errorCode === ErrorCode.MEMBER_ID_REQUIRED) client.memberId = response.memberId
      else if (response.errorCode !== ErrorCode.NONE) client.memberId = ""
      else {
        client.memberId = response.memberId
        client.generationId = response.generationId
        client.leads = response.leader === response.memberId
        client.members = response.members.map(({ memberId }) => memberId)
        assert.isAtLeast(response.generationId, 1)
        assert.isAtMost(response.generationId, this.group!.generationId)
      }
    })
    const request = {
      groupId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 5000 + (rest % 3) * 10_000,
      memberId: client.memberId,
      groupInstanceId: client.instanceId,
      protocolType: "consumer",
      protocols: rest % 7 === 0 ? [...protocols].reverse() : protocols,
      reason: null
    }
    const existing = this.group
    if (existing === undefined && client.memberId !== "") {
      client.memberId = ""
      driver.open.delete(ticket.id)
      return
    }
    const input = {
      request,
      context: { apiVersion: rest % 4 === 0 ? 3 : 9, clientId: "c", clientHost: "/h" },
      newMemberId: `m${this.nextMember++}`,
      ticket
    }
    this.decide(() => {
      const draft = new GroupDraft(existing ?? Classic.empty(groupId, driver.now), driver.now, config)
      return Join.join(draft, input, existing === undefined)
    })
  }

  private sync(client: Client, rest: number): void {
    const { driver } = this
    const { generationId, leads, memberId } = client
    const group = this.group
    if (group === undefined || memberId === "") return
    const isNewest = generationId === group.generationId
    const ticket = driver.ticket<SyncGroupResponse>((response) => {
      if (response.errorCode !== ErrorCode.NONE) return
      assert.isTrue(isNewest, "an old generation got an assignment")
      const key = `${generationId}/${memberId}`
      const share = String(response.assignment)
      assert.strictEqual(this.assignments.get(key) ?? share, share, `two assignments of ${key}`)
      this.assignments.set(key, share)
    })
    const assignments = leads
      ? client.members.map((member, index) => ({ memberId: member, assignment: new Uint8Array([rest % 251, index]) }))
      : []
    const request = {
      groupId,
      generationId,
      memberId,
      groupInstanceId: client.instanceId,
      protocolType: null,
      protocolName: null,
      assignments
    }
    this.decide(() => Sync.sync(new GroupDraft(group, driver.now, config), request, ticket))
  }

  private heartbeat({ generationId, instanceId, memberId }: Client): void {
    const { driver, group } = this
    if (group === undefined) return
    const request = { groupId, generationId, memberId, groupInstanceId: instanceId }
    this.decide(() =>
      Session.heartbeat(
        group,
        request,
        driver.now,
        driver.ticket(({ errorCode }) => {
          if (errorCode === ErrorCode.NONE) assert.strictEqual(generationId, group.generationId)
        })
      )
    )
  }

  private leave(client: Client): void {
    const { driver, group } = this
    if (group === undefined) return
    const members = [{ memberId: client.memberId, groupInstanceId: client.instanceId, reason: null }]
    const request = { groupId, memberId: "", members }
    this.decide(() => Leave.leave(new GroupDraft(group, driver.now, config), request, 5, driver.ticket()))
    client.memberId = ""
  }

  private commit({ generationId, instanceId, memberId }: Client, rest: number): void {
    const { driver } = this
    const outside = rest % 3 === 0
    const transactional = rest % 2 === 0
    const { group } = this
    const producer = transactional ? { producerId: rest % 3, producerEpoch: 0 } : null
    const input = {
      groupId,
      memberId: outside ? "" : memberId,
      groupInstanceId: outside ? null : instanceId,
      generationId: outside ? -1 : generationId,
      retentionMs: -1,
      transactional,
      unknownGroupCode: ErrorCode.ILLEGAL_GENERATION,
      offsets: [{ topic: "t", topicId: Uuid.zero, partition: rest % 2, offset: rest, leaderEpoch: -1, metadata: null }]
    }
    this.decide(() =>
      OffsetCommits.commit(
        driver.state,
        input,
        driver.now,
        config,
        driver.ticket(([code]) => {
          if (code !== ErrorCode.NONE || outside || generationId < 0) return
          assert.strictEqual(generationId, group?.generationId, "an old generation committed")
        })
      ), producer)
  }

  private end(rest: number): void {
    this.driver.marker({
      producerId: rest % 3,
      producerEpoch: 0,
      committed: rest % 2 === 0,
      coordinatorEpoch: 0,
      transactionVersion: 0
    })
  }

  private remove(): void {
    const { driver } = this
    this.decide(() => GroupAdmin.deleteGroup(driver.state, groupId, driver.ticket()))
    if (this.group === undefined) this.newest = 0
    if (this.group === undefined) this.assignments.clear()
  }

  check(): void {
    const { driver, group } = this
    const { state } = driver
    assert.deepStrictEqual(durable(driver.replayed()), durable(state), "replay and life differ")
    if (group === undefined) return
    assert.isAtLeast(group.generationId, this.newest, "a generation went back")
    this.newest = group.generationId
    if (group.state === "Empty") assert.strictEqual(group.members.size, 0)
    else if (group.members.size > 0) assert.isTrue(group.members.has(group.leaderId!), "a leader that is no member")
    for (const member of group.members.values()) {
      assert.isFalse(group.pendingJoin.has(member.memberId))
      if (group.state !== "PreparingRebalance") assert.isNull(member.awaitingJoin)
      if (group.state !== "CompletingRebalance") assert.isNull(member.awaitingSync)
      if (member.groupInstanceId !== null) {
        assert.strictEqual(group.staticMembers.get(member.groupInstanceId), member.memberId)
      }
    }
    assert.isAtMost(group.staticMembers.size, group.members.size)
    for (const memberId of group.pendingSync) assert.isTrue(group.members.has(memberId))
    if (group.state === "Stable") {
      const stored = state.stored.get(groupId)!
      assert.strictEqual(stored.generation, group.generationId)
      assert.sameMembers(stored.members.map(({ memberId }) => memberId), [...group.members.keys()])
    }
  }
}

const ints = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000_000 })))

describe("the rules of groups", () => {
  it.effect.prop("hold whatever clients do", [ints, ints, ints], (parts) =>
    Effect.sync(() => {
      const simulation = new Simulation()
      for (const n of parts.flat()) {
        const offsetsBefore = simulation.driver.log.length
        simulation.run(n)
        assert.isAtLeast(simulation.driver.log.length, offsetsBefore)
        simulation.check()
      }
      // In the end nobody is left without an answer, and members that are silent are gone.
      simulation.driver.advance(10 * 60_000)
      simulation.check()
      assert.strictEqual(simulation.driver.open.size, 0, "somebody waits for ever")
      assert.strictEqual(simulation.group?.members.size ?? 0, 0)
      assert.notStrictEqual(simulation.group?.state, "PreparingRebalance")
    }), { arbitrary: { seed: 1, runs: 150, size: 60 } })

  it("reach all that matters in the simulation", () => {
    const states = new Set<string>()
    let shares = 0
    let seed = 1
    for (let run = 0; run < 60; run++) {
      const simulation = new Simulation()
      for (let step = 0; step < 80; step++) {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
        simulation.run(seed % 10_000_000)
        simulation.check()
        states.add(simulation.group?.state ?? "none")
      }
      shares += simulation.assignments.size
    }
    assert.includeMembers([...states], ["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "none"])
    assert.isAbove(shares, 15)
  })
})
