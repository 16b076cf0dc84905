/**
 * A hundred hostile connections against our broker, while a well-behaved one is served beside them:
 * garbage, half frames, lengths of two gigabytes, a byte now and then, unknown APIs and versions, floods of requests.
 */
import { encodeRequestUnsafe } from "@millrace/core/protocol/Frame"
import { ApiVersionsRequest } from "@millrace/core/protocol/messages/ApiVersions"
import { MetadataRequest } from "@millrace/core/protocol/messages/Metadata"
import { requestMemoryMaxBytes } from "@millrace/server/limits"
import * as NodeFs from "node:fs"
import * as NodeNet from "node:net"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { residentBytes } from "../bench/lib/report.ts"
import { type Broker, check, finish, startBroker } from "./lib/harness.ts"

/** How much more memory the broker may hold while it is attacked: what it allows itself for requests. */
const growthMaxBytes = requestMemoryMaxBytes
const attackMs = 10_000

const join = (chunks: ReadonlyArray<Uint8Array>): Buffer => Buffer.concat(chunks)

const apiVersions = (correlationId: number): Buffer =>
  join(encodeRequestUnsafe(ApiVersionsRequest, { version: 3, correlationId, clientId: "hostile" }, {
    clientSoftwareName: "hostile",
    clientSoftwareVersion: "1"
  }))

const metadata = (correlationId: number): Buffer =>
  join(encodeRequestUnsafe(MetadataRequest, { version: 12, correlationId, clientId: "hostile" }, {
    topics: null,
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: false
  }))

const frame = (size: number, ...bytes: ReadonlyArray<number>): Buffer => {
  const header = Buffer.alloc(4)
  header.writeInt32BE(size)
  return Buffer.concat([header, Buffer.from(bytes)])
}

/** A request header: key, version, correlation id 7, client id null. */
const header = (key: number, version: number, ...body: ReadonlyArray<number>): Buffer => {
  const bytes = Buffer.alloc(10)
  bytes.writeInt16BE(key, 0)
  bytes.writeInt16BE(version, 2)
  bytes.writeInt32BE(7, 4)
  bytes.writeInt16BE(-1, 8)
  return Buffer.concat([frame(bytes.length + body.length), bytes, Buffer.from(body)])
}

/** Bytes that look like noise and are the same in every run. */
const noise = (seed: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  let state = seed + 1
  for (let at = 0; at < length; at++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0
    bytes[at] = state >>> 24
  }
  return bytes
}

type Attack = (socket: NodeNet.Socket, seed: number) => void

const drip = (socket: NodeNet.Socket, bytes: Buffer): void => {
  let at = 0
  const timer = setInterval(() => {
    if (at === bytes.length || socket.destroyed) return clearInterval(timer)
    socket.write(bytes.subarray(at, ++at))
  }, 200)
  socket.on("close", () => clearInterval(timer))
}

const attacks: Readonly<Record<string, Attack>> = {
  "garbage": (socket, seed) => socket.write(noise(seed, 64 * 1024)),
  "half a frame": (socket) => socket.write(metadata(1).subarray(0, 12)),
  "two gigabytes announced": (socket, seed) => socket.write(Buffer.concat([frame(0x7fffffff), noise(seed, 1000)])),
  "a large frame that never ends": (socket, seed) => {
    socket.write(frame(90 * 1024 * 1024))
    drip(socket, noise(seed, 1000))
  },
  "a negative length": (socket) => socket.write(frame(-1)),
  "one byte now and then": (socket) => drip(socket, metadata(1)),
  "an unknown API": (socket) => socket.write(header(999, 0)),
  "an unknown version": (socket) => socket.write(header(3, 99)),
  "an array of two billion topics": (socket) => socket.write(header(3, 1, 0x7f, 0xff, 0xff, 0xff)),
  "requests without reading answers": (socket) => {
    socket.pause()
    for (let at = 0; at < 20_000 && !socket.destroyed; at++) socket.write(metadata(at))
  }
}

const connect = (bootstrap: string): Promise<NodeNet.Socket> => {
  const [host, port] = bootstrap.split(":")
  return new Promise((resolve, reject) => {
    const socket = NodeNet.connect({ host: host!, port: Number(port) })
    socket.once("error", reject)
    socket.once("connect", () => {
      socket.off("error", reject)
      socket.on("error", () => {})
      resolve(socket)
    })
  })
}

/** Asks on a connection of its own, again and again, and gives the slowest answer in milliseconds. */
const serveOther = async (bootstrap: string, until: number): Promise<{ answers: number; slowestMs: number }> => {
  const socket = await connect(bootstrap)
  let slowestMs = 0
  let answers = 0
  while (Date.now() < until) {
    const asked = performance.now()
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no answer within 5 s")), 5_000)
      socket.once("data", () => {
        clearTimeout(timer)
        resolve()
      })
      socket.write(apiVersions(answers))
    })
    slowestMs = Math.max(slowestMs, performance.now() - asked)
    answers++
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  socket.destroy()
  return { answers, slowestMs }
}

const attack = async (broker: Broker): Promise<void> => {
  const before = residentBytes(broker.pid)
  const until = Date.now() + attackMs
  const names = Object.keys(attacks)
  const sockets = await Promise.all(Array.from({ length: 100 }, () => connect(broker.bootstrap)))
  sockets.forEach((socket, index) => attacks[names[index % names.length]!]!(socket, index))
  let peak = before
  const watching = setInterval(() => {
    peak = Math.max(peak, residentBytes(broker.pid))
  }, 100)
  const { answers, slowestMs } = await serveOther(broker.bootstrap, until)
  clearInterval(watching)
  for (const socket of sockets) socket.destroy()
  const growth = Math.round((peak - before) / 1024 / 1024)
  console.log(
    `served ${answers} requests, the slowest in ${slowestMs.toFixed(1)} ms; ${growth} MiB more memory at the peak`
  )
  if (peak - before > growthMaxBytes) throw new Error(`the broker grew by ${growth} MiB`)
}

const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-hostile-"))
const broker = await startBroker(directory)
await check("a hundred hostile connections leave the broker serving others", () => attack(broker))
await check("and it still stops in order", () => broker.kill("SIGTERM"))
NodeFs.rmSync(directory, { recursive: true, force: true })
finish()
