import { assert, describe, it, vi } from "@effect/vitest"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import { Simulation } from "@millrace/testkit"
import type { AnyFault } from "@millrace/testkit/simulation/program/FaultKind"
import * as Token from "@millrace/testkit/simulation/program/Token"
import * as HtmlTimeline from "@millrace/testkit/simulation/timeline/HtmlTimeline"
import { Recorder, type Timeline } from "@millrace/testkit/simulation/timeline/Timeline"
import * as Effect from "effect/Effect"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"

const letters = Topic.make("letters", { key: Serde.string, value: Serde.string })

const options: Simulation.Options = {
  program: (sim) =>
    Effect.gen(function*() {
      yield* sim.produce(letters, [{ key: "a", value: "</script>" }, { key: "b", value: "b" }])
      yield* sim.healed
      yield* sim.expect(letters, { exactlyOnce: true })
    })
}

const faults: ReadonlyArray<AnyFault> = [{ kind: "crash", process: "broker", atMs: 1000, crash: "kill", downMs: 500 }]

const token = Token.encode({ seed: 1, schedule: 0, records: [], faults, test: undefined })

const traced = (name: string): string => {
  const file = NodePath.join(NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-")), name)
  const { hash } = Simulation.run(options, { token, traceFile: file })
  assert.strictEqual(Simulation.run(options, { token }).hash, hash, "recording changes nothing")
  const text = NodeFs.readFileSync(file, "utf8")
  assert.include(text, hash)
  return text
}

describe("a timeline", () => {
  it("tells as text who sent what to whom, and what went wrong", () => {
    const text = traced("trace.txt")
    assert.match(text, /^00:\d\d\.\d{6} program → broker: CreateTopics v\d+, \d+ bytes, arrives at 00:/m)
    assert.match(text, /^00:\d\d\.\d{6} broker → program: CreateTopics v\d+ answer, /m)
    const [, at = "", fault = ""] = /^00:0(\d\.\d{3})000 fault at (\d\.\d{3}) s: broker is killed/m.exec(text) ?? []
    assert.strictEqual(at, fault)
    assert.include(text, `00:0${(Number(at) + 0.5).toFixed(3)}000 over: ${at} s: broker is killed`)
    const times = text.split("\n").filter((line) => /^\d\d:/.test(line)).map((line) => line.slice(0, 12))
    assert.deepStrictEqual(times, [...times].sort())
  })

  it("is a page of its own, which loads nothing and holds all of it", () => {
    const page = traced("trace.html")
    assert.notMatch(page, /(src|href)=|@import|url\(/)
    const [, json = ""] = /<script type="application\/json" id="data">(.*)<\/script>/.exec(page) ?? []
    const timeline: Timeline = JSON.parse(json)
    assert.includeMembers([...timeline.processes], ["broker", "program"])
    const [band] = timeline.bands
    assert.strictEqual(band!.toUs - band!.fromUs, 500_000)
    const down = timeline.states.find(({ process, state }) => process === "broker" && state === "down")
    assert.strictEqual(down?.atUs, band!.fromUs)
    assert.isAbove(timeline.messages.length, 10)
  })

  it("shows a replay in which all is well, too", async () => {
    const file = NodePath.join(NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-")), "trace.txt")
    vi.stubEnv("MILLRACE_REPLAY", token)
    vi.stubEnv("MILLRACE_TRACE", file)
    await Simulation.check(options)({ name: "letters arrive", filePath: "letters.test.ts" })
    vi.unstubAllEnvs()
    assert.match(NodeFs.readFileSync(file, "utf8"), /^letters arrive: all is well\n/)
  })

  it("has what never arrives, messages in pieces, and HTTP beside Kafka", () => {
    const recorder = new Recorder()
    const near = { host: { name: "app" }, peer: undefined as Link | undefined }
    const far: Link = { host: { name: "shop" }, peer: near }
    near.peer = far
    recorder.state(0, "app", "up")
    recorder.sent(10, near, new TextEncoder().encode("POST /orders HTTP/1.1\r\n\r\n"))
    recorder.arrived(20, near, 25)
    recorder.sent(30, far, new TextEncoder().encode("HTTP/1.1 201 Created\r\n\r\n"))
    recorder.arrived(35, far, 10)
    const timeline = recorder.timeline({ title: "<b>", findings: ["lost-write: <i>"], hash: "0", endUs: 40 }, [])
    assert.deepStrictEqual(timeline.messages.map(({ arrivedUs, name }) => [name, arrivedUs]), [
      ["POST /orders HTTP/1.1", 20],
      ["HTTP/1.1 201 Created", undefined]
    ])
    const page = HtmlTimeline.render(timeline)
    assert.include(page, "<h1>&#60;b&#62;</h1>")
    assert.notInclude(page, "<i>")
  })

  it("shows faults where they happened: those that waited for a moment later, or not at all, and none when all are healed", () => {
    const recorder = new Recorder()
    recorder.event(1_000, "fault at one")
    recorder.event(5_000, "fault at waiting")
    recorder.event(7_000, "all faults are healed")
    const facts = { title: "", findings: [], hash: "0", endUs: 9_000 }
    const { bands } = recorder.timeline(facts, [
      [{ process: "app", other: "broker", atMs: 1, forMs: 2 }, "one"],
      [{ process: "app", atMs: 2, forMs: 50, when: "it writes" }, "waiting"],
      [{ process: "app", atMs: 2, forMs: 50, when: "it reads" }, "in vain"],
      [{ atMs: 3, forMs: 1 }, "of one's own"]
    ])
    assert.deepStrictEqual(bands.map(({ fromUs, processes, text, toUs }) => [text, fromUs, toUs, processes]), [
      ["one", 1_000, 3_000, ["app", "broker"]],
      ["waiting", 5_000, 7_000, ["app"]],
      ["of one's own", 3_000, 4_000, []]
    ])
  })
})

type Link = Parameters<Recorder["sent"]>[1]
