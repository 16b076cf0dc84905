/**
 * Where the application of a vector runs: on a broker in the simulation, on an embedded one, or on one that is up.
 */
import { Kafka } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import type { Disk } from "@millrace/core/platform/Disk"
import type { Network } from "@millrace/core/platform/Network"
import type { StoreEngine } from "@millrace/core/platform/StoreEngine"
import type { Compression } from "@millrace/core/records/Compression"
import { Broker } from "@millrace/server"
import { World } from "@millrace/testkit/simulation/World"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { cleanUp } from "./app.ts"

/** What an application of a vector needs around it. */
export type Ports = Kafka.Kafka | Disk | Network | StoreEngine | Compression

/** A simulation that came to no end. */
export class NoEnd extends Data.TaggedError("NoEnd")<{ readonly detail: string }> {}

/** What is run, given a directory for state. */
export type Program<E> = (stateDirectory: string) => Effect.Effect<void, E, Ports>

/** Runs a program; the answer is how it ended. */
export type Target = <E>(program: Program<E>) => Promise<Exit.Exit<void, E | NoEnd>>

const onNode = async <E>(
  cluster: (directory: string) => Layer.Layer<Kafka.Kafka, unknown, Disk | Network | Compression>,
  program: Program<E>
): Promise<Exit.Exit<void, E | NoEnd>> => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-live-"))
  try {
    const ports = Layer.provideMerge(Layer.orDie(cluster(directory)), NodePlatform.layer)
    return await Effect.runPromiseExit(Effect.provide(program(join(directory, "state")), ports))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** A fresh embedded broker for each program. */
export const embedded: Target = (program) =>
  onNode(
    (directory) => Broker.layerEmbedded({ directory: join(directory, "data"), durability: { kind: "os" } }),
    program
  )

/** A broker that is up; its topics are deleted before each program. */
export const broker = (bootstrapServers: string): Target => (program) =>
  onNode(
    () => Kafka.layer({ bootstrapServers }),
    (directory) => Effect.andThen(Effect.orDie(cleanUp), program(directory))
  )

const timeMaxMs = 180_000
const stepsMax = 50_000_000

/** A broker and the application in a simulation of their own, without faults, under this seed. */
export const simulation = (seed: number): Target => async <E>(program: Program<E>) => {
  const world = new World({ seed, timeMaxMs, stepsMax })
  let ended: Exit.Exit<void, E> | undefined
  world.addBroker().start()
  const run = Effect.map(Effect.exit(program("state")), (exit) => {
    ended = exit
  })
  world.addClient("app", run).start()
  const ending = world.universe.run(() => ended !== undefined || world.anomalies.length > 0)
  if (ended !== undefined) return ended
  return Exit.fail(new NoEnd({ detail: world.anomalies[0]?.detail ?? ending }))
}

/** The target of that name: `simulation`, `embedded`, or the address of a broker. */
export const named = (name: string, seed = 1): Target | undefined => {
  if (name === "simulation") return simulation(seed)
  if (name === "embedded") return embedded
  return /^[^:]+:\d+(,[^:]+:\d+)*$/.test(name) ? broker(name) : undefined
}
