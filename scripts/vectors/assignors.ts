/**
 * The assignors area of `vectors`: who is assigned what, as Kafka's own assignors did it, and the bytes in which
 * members tell each other.
 *
 * A directory holds gzip'd JSON lines: `client-range`, `client-roundrobin`, `client-sticky`, `client-cooperative-sticky`
 * (a case each, or a chain of them), `streams-client-*`, `streams-sticky` and `consumer-protocol`. An exact case must come out the same; of the others the
 * stated invariants must hold, and always: no partition has two owners, nobody gets what it did not ask for, and every
 * partition that somebody asked for has an owner (cooperative ones may wait for one).
 */
import * as ConsumerProtocol from "@millrace/client/cluster/ConsumerProtocol"
import { compare, keyOf, type TopicPartition } from "@millrace/client/cluster/TopicPartition"
import type { AssignableTopic, Assignment, Member } from "@millrace/client/consumer/assignor/Assignor"
import * as Range from "@millrace/client/consumer/assignor/Range"
import * as RoundRobin from "@millrace/client/consumer/assignor/RoundRobin"
import * as Sticky from "@millrace/client/consumer/assignor/Sticky"
import { ProtocolError } from "@millrace/core/protocol/ProtocolError"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { gunzipSync } from "node:zlib"
import type { Report } from "../vectors.ts"
import { type BrokerStep, checkStreamsClient, checkStreamsGroup, type ClientStep } from "./assignors-streams.ts"

type Grouped = ReadonlyArray<readonly [topic: string, partitions: ReadonlyArray<number>]>

interface Step {
  readonly brokers?: ReadonlyArray<{ readonly id: number; readonly rack?: string }>
  readonly topics: ReadonlyArray<{
    readonly name: string
    readonly partitions: number
    readonly replicas?: ReadonlyArray<ReadonlyArray<number>>
  }>
  readonly members: ReadonlyArray<{
    readonly id: string
    readonly instanceId?: string
    readonly rack?: string
    readonly topics: ReadonlyArray<string>
    readonly owned?: Grouped
    readonly generation?: number
    readonly userDataHex?: string
  }>
  readonly exact: boolean
  readonly listOrder?: boolean
  readonly output?: { readonly [member: string]: Grouped }
  readonly error?: unknown
  readonly invariants?: {
    readonly sizes?: { readonly [member: string]: number }
    readonly sortedSizes?: ReadonlyArray<number>
    readonly assigned?: number
    readonly total?: number
    readonly kept?: number
    readonly mayFail?: boolean
  }
}

interface ProtocolCase {
  readonly name: string
  readonly type: "subscription" | "assignment" | "userData"
  readonly version: number
  readonly assignor?: string
  readonly exact?: boolean
  readonly input?: {
    readonly topics?: ReadonlyArray<string>
    readonly partitions?: Grouped
    readonly assigned?: Grouped
    readonly userDataHex?: string | null
    readonly owned?: Grouped
    readonly generation?: number
    readonly rack?: string | null
  }
  readonly hex: string
  readonly decoded?: {
    readonly error?: unknown
    readonly topics?: ReadonlyArray<string>
    readonly partitions?: Grouped
    readonly userDataHex?: string | null
    readonly owned?: Grouped
    readonly generation?: number | null
    readonly rack?: string | null
  }
}

const fromHex = (hex: string | null | undefined): Uint8Array | null =>
  hex === null || hex === undefined ? null : new Uint8Array(Buffer.from(hex, "hex"))
const toHex = (bytes: Uint8Array | null): string | null => bytes === null ? null : Buffer.from(bytes).toString("hex")
const flat = (grouped: Grouped | undefined): Array<TopicPartition> =>
  (grouped ?? []).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })))
const keysOf = (partitions: ReadonlyArray<TopicPartition>): Array<string> =>
  partitions.map((one) => keyOf(one.topic, one.partition))

const linesOf = <A>(file: string): Array<A> =>
  gunzipSync(readFileSync(file)).toString("utf8").split("\n").filter((line) => line !== "").map((line) =>
    JSON.parse(line) as A
  )

const topicsOf = (step: Step): Array<AssignableTopic> => {
  const racks = new Map((step.brokers ?? []).map((broker) => [broker.id, broker.rack]))
  return step.topics.map((topic) => ({
    name: topic.name,
    racks: Array.from(
      { length: Math.max(0, topic.partitions) },
      (_, partition) => (topic.replicas?.[partition] ?? []).flatMap((id) => racks.get(id) ?? [])
    )
  }))
}

/** Members as a leader sees them: the protocol sorts topics and owned partitions. */
const membersOf = (step: Step): Array<Member> =>
  step.members.map((member) => ({
    memberId: member.id,
    groupInstanceId: member.instanceId ?? null,
    rackId: member.rack ?? null,
    topics: [...member.topics].sort(),
    ownedPartitions: flat(member.owned).sort(compare),
    generationId: member.generation ?? -1,
    userData: fromHex(member.userDataHex)
  }))

const same = (step: Step, assignment: Assignment): string | undefined => {
  for (const member of new Set([...Object.keys(step.output ?? {}), ...assignment.keys()])) {
    const wanted = keysOf(flat(step.output?.[member]))
    const given = keysOf(assignment.get(member) ?? [])
    if (step.listOrder === false) {
      wanted.sort()
      given.sort()
    }
    if (wanted.join() !== given.join()) return `${member}: wanted ${wanted.join()}, got ${given.join()}`
  }
  return undefined
}

const rules = (step: Step, assignment: Assignment, mayWithhold: boolean): string | undefined => {
  const owners = new Map<string, string>()
  for (const [member, partitions] of assignment) {
    const topics = new Set(step.members.find((one) => one.id === member)?.topics)
    for (const { partition, topic } of partitions) {
      const key = keyOf(topic, partition)
      if (owners.has(key)) return `${key} has two owners`
      if (!topics.has(topic)) return `${member} got ${key} unasked`
      owners.set(key, member)
    }
  }
  const wanted = new Set(step.members.flatMap((member) => member.topics))
  for (const { name, partitions } of step.topics) {
    for (let partition = 0; !mayWithhold && wanted.has(name) && partition < partitions; partition++) {
      if (!owners.has(keyOf(name, partition))) return `${keyOf(name, partition)} has no owner`
    }
  }
  return undefined
}

const invariants = (step: Step, assignment: Assignment, members: ReadonlyArray<Member>, previous: Owned) => {
  const { assigned, kept, sizes, sortedSizes, total } = step.invariants ?? {}
  const counts = [...assignment.values()].map((partitions) => partitions.length)
  if (sizes !== undefined) {
    for (const [member, size] of Object.entries(sizes)) {
      if ((assignment.get(member)?.length ?? 0) !== size) return `${member} has another size than ${size}`
    }
  }
  if (sortedSizes !== undefined && !isDeepStrictEqual([...counts].sort((a, b) => a - b), sortedSizes)) {
    return `sizes ${counts.join()} instead of ${sortedSizes.join()}`
  }
  const sum = counts.reduce((a, b) => a + b, 0)
  for (const wanted of [assigned, total]) {
    if (wanted !== undefined && wanted !== sum) return `${sum} instead of ${wanted}`
  }
  if (kept === undefined) return undefined
  let stayed = 0
  for (const member of members) {
    const had = new Set(keysOf(previous(member)))
    for (const key of keysOf(assignment.get(member.memberId) ?? [])) if (had.has(key)) stayed++
  }
  return stayed === kept ? undefined : `${stayed} partitions stay instead of ${kept}`
}

type Owned = (member: Member) => ReadonlyArray<TopicPartition>

interface Area {
  readonly assign: (topics: ReadonlyArray<AssignableTopic>, members: ReadonlyArray<Member>) => Assignment
  readonly previous: Owned
}

const owned: Owned = (member) => member.ownedPartitions
const areas: { readonly [file: string]: Area } = {
  "client-range": { assign: Range.assign, previous: owned },
  "client-roundrobin": { assign: RoundRobin.assign, previous: owned },
  "client-sticky": {
    assign: Sticky.assignSticky,
    previous: (member) => Sticky.decodeUserData(member.userData).partitions
  },
  "client-cooperative-sticky": { assign: Sticky.assignCooperative, previous: owned }
}

/** What is wrong with a step, if anything. */
const checkStep = (area: Area, step: Step, isCooperative: boolean): string | undefined => {
  const members = membersOf(step)
  const assignment = area.assign(topicsOf(step), members)
  // Kafka's round robin fails without members; an empty answer is as good.
  if (step.error !== undefined) return assignment.size === 0 ? undefined : "an answer where Kafka fails"
  return rules(step, assignment, isCooperative) ??
    (step.exact ? same(step, assignment) : invariants(step, assignment, members, area.previous))
}

const grouped = (partitions: ReadonlyArray<TopicPartition>): Grouped => {
  const topics = new Map<string, Array<number>>()
  for (const { partition, topic } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition])
  return [...topics]
}

const checkSubscription = ({ decoded, hex, input, version }: ProtocolCase): string | undefined => {
  if (input !== undefined) {
    const written = toHex(ConsumerProtocol.encodeSubscription({
      topics: input.topics ?? [],
      userData: fromHex(input.userDataHex),
      ownedPartitions: flat(input.owned),
      generationId: input.generation ?? -1,
      rackId: input.rack ?? null
    }, version))
    if (written !== hex) return `writes ${written}, not ${hex}`
  }
  const read = ConsumerProtocol.decodeSubscription(fromHex(hex)!)
  const found = {
    topics: read.topics,
    userDataHex: toHex(read.userData),
    owned: grouped(read.ownedPartitions),
    generation: read.generationId < 0 ? null : read.generationId,
    rack: read.rackId
  }
  return isDeepStrictEqual(found, decoded)
    ? undefined
    : `reads ${JSON.stringify(found)}, not ${JSON.stringify(decoded)}`
}

const checkAssignment = ({ decoded, hex, input, version }: ProtocolCase): string | undefined => {
  if (input !== undefined) {
    const assignment = { partitions: flat(input.partitions), userData: fromHex(input.userDataHex) }
    const written = toHex(ConsumerProtocol.encodeAssignment(assignment, version))
    if (written !== hex) return `writes ${written}, not ${hex}`
  }
  const read = ConsumerProtocol.decodeAssignment(fromHex(hex)!)
  const found = { partitions: grouped(read.partitions), userDataHex: toHex(read.userData) }
  return isDeepStrictEqual(found, decoded)
    ? undefined
    : `reads ${JSON.stringify(found)}, not ${JSON.stringify(decoded)}`
}

const checkUserData = ({ assignor, exact, hex, input }: ProtocolCase): string | undefined => {
  const last = { partitions: flat(input?.assigned), generationId: input?.generation ?? -1 }
  const of = assignor === "sticky" ? Sticky.sticky : Sticky.cooperativeSticky
  const written = toHex(of.userData(last))
  if (exact === true && written !== hex) return `writes ${written}, not ${hex}`
  if (assignor !== "sticky") return undefined
  const read = Sticky.decodeUserData(fromHex(hex))
  return read.generationId === last.generationId &&
      isDeepStrictEqual([...read.partitions].sort(compare), [...last.partitions].sort(compare))
    ? undefined
    : `reads ${JSON.stringify(read)}`
}

/** What is wrong with a blob, if anything: one that Kafka refuses must be refused by a typed error. */
const checkProtocol = (line: ProtocolCase): string | undefined => {
  const check = { subscription: checkSubscription, assignment: checkAssignment, userData: checkUserData }[line.type]
  try {
    const wrong = check(line)
    return line.decoded?.error === undefined ? wrong : "reads what Kafka refuses"
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return line.decoded?.error === undefined ? `refuses what Kafka reads: ${error.message}` : undefined
  }
}

/** Holds the assignors and the consumer protocol against a directory of vectors. */
export const run = (directory: string): Report => {
  let passed = 0
  const failures: Array<string> = []
  const note = (name: string, wrong: string | undefined) => {
    if (wrong === undefined) passed++
    else failures.push(`${name}: ${wrong}`)
  }
  const each = <A extends object>(name: string, check: (step: A) => string | undefined) => {
    const file = join(directory, `${name}.jsonl.gz`)
    if (!existsSync(file)) return
    for (const line of linesOf<A & { readonly name: string; readonly steps?: ReadonlyArray<A> }>(file)) {
      for (const [at, step] of (line.steps ?? [line]).entries()) note(`${name} ${line.name} #${at}`, check(step))
    }
  }
  for (const [name, area] of Object.entries(areas)) {
    each<Step>(name, (step) => checkStep(area, step, name === "client-cooperative-sticky"))
  }
  for (const [name, check] of Object.entries(checkStreamsClient)) each<ClientStep>(name, check)
  each<BrokerStep>("streams-sticky", checkStreamsGroup)
  const protocol = join(directory, "consumer-protocol.jsonl.gz")
  if (existsSync(protocol)) { for (const line of linesOf<ProtocolCase>(protocol)) note(line.name, checkProtocol(line)) }
  return { passed, failed: failures.length, failures }
}
