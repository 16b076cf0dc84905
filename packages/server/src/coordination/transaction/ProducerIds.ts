/**
 * Producer ids, taken from blocks that the controller hands out.
 *
 * Keeps true: no id is given twice; a block is asked for once at a time, and only when the last one is used up.
 * Leaves to others: where blocks come from (AllocateProducerIds).
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"

/**
 * `length` ids from `first` on.
 *
 * @since 0.1.0
 */
export interface ProducerIdBlock {
  readonly first: number
  readonly length: number
}

/**
 * New producer ids. Fails with Kafka's error code when there is no block to be had.
 *
 * @since 0.1.0
 */
export class ProducerIds extends Context.Service<ProducerIds, {
  readonly next: Effect.Effect<number, { readonly code: number }>
}>()("@millrace/server/coordination/ProducerIds") {}

/**
 * Ids from blocks that `allocate` gives.
 *
 * @since 0.1.0
 */
export const make = (
  allocate: Effect.Effect<ProducerIdBlock, { readonly code: number }>
): ProducerIds["Service"] => {
  const one = Semaphore.makeUnsafe(1)
  let next = 0
  let end = 0
  return ProducerIds.of({
    next: one.withPermits(1)(
      Effect.suspend(() =>
        next < end ? Effect.sync(() => next++) : Effect.map(allocate, (block) => {
          next = block.first + 1
          end = block.first + block.length
          return block.first
        })
      )
    )
  })
}
