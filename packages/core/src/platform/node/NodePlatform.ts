/**
 * Everything that a program on Node needs to run: the ports, and an entry point that ends in order.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import type { Compression } from "../../records/Compression.ts"
import type { Disk } from "../Disk.ts"
import type { Network } from "../Network.ts"
import type { StoreEngine } from "../StoreEngine.ts"
import * as NodeCompression from "./NodeCompression.ts"
import * as NodeDisk from "./NodeDisk.ts"
import * as NodeNetwork from "./NodeNetwork.ts"
import * as NodeStoreEngine from "./NodeStoreEngine.ts"

/**
 * The ports on this machine.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<Disk | Network | StoreEngine | Compression> = Layer.mergeAll(
  NodeDisk.layer,
  NodeNetwork.layer,
  NodeStoreEngine.layer,
  NodeCompression.layer
)

/**
 * Runs a program until it ends. SIGTERM and SIGINT interrupt it, so that its scopes close in order, and it exits
 * with 0; a failure is printed and exits with 1.
 *
 * @since 0.1.0
 */
export const runMain: <A, E>(effect: Effect.Effect<A, E>) => void = Runtime.makeRunMain(({ fiber, teardown }) => {
  let signalled = false
  const stop = () => {
    signalled = true
    fiber.interruptUnsafe()
  }
  process.on("SIGTERM", stop)
  process.on("SIGINT", stop)
  fiber.addObserver((exit) => {
    process.off("SIGTERM", stop)
    process.off("SIGINT", stop)
    const interrupted = signalled && exit._tag === "Failure" && Cause.hasInterruptsOnly(exit.cause)
    teardown(exit, (code) => process.exit(interrupted ? 0 : code))
  })
})
