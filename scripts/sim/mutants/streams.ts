/**
 * Bugs of stream apps: what is committed with what, and which state belongs to it.
 */
import { client, type Mutant } from "./Mutant.ts"

const runtime = `${client}/streams/runtime`

export const streams: ReadonlyArray<Mutant> = [
  {
    name: "restore-stops-early",
    does: "leaves the end of a changelog out when it restores a store",
    causes: ["streams-output"],
    seedsMax: 500,
    edits: [{
      file: `${runtime}/Restorer.ts`,
      find: "while (cursor.next() && record.offset < bound) {",
      replace: "while (cursor.next() && record.offset < Math.min(bound, chunk.highWatermark - 4)) {"
    }]
  },
  {
    name: "restore-what-was-aborted",
    does: "restores changes of aborted transactions",
    causes: ["streams-output"],
    seedsMax: 500,
    edits: [{
      file: `${runtime}/StreamThread.ts`,
      find: "      isolationLevel,\n      allowAutoCreateTopics: false,\n",
      replace: `      isolationLevel: "read_uncommitted",\n      allowAutoCreateTopics: false,\n`
    }]
  },
  {
    name: "position-of-a-store-too-far",
    does: "notes of a store on disk that it holds two changes more of its changelog than it does",
    causes: ["streams-output"],
    seedsMax: 500,
    edits: [{
      file: `${runtime}/LocalState.ts`,
      find: "encodePosition(position, topicId)])",
      replace: "encodePosition(position + 2, topicId)])"
    }]
  },
  {
    name: "commit-without-caches",
    does: "commits now and then without what the caches hold",
    causes: ["streams-output"],
    seedsMax: 300,
    edits: [{
      file: `${runtime}/StreamsLoop.ts`,
      find: "this.attempt(() => tasks.flushUnsafe())",
      replace: "this.attempt(() => this.committedAtMs % 2 === 0 ? tasks.flushUnsafe() : undefined)"
    }]
  },
  {
    name: "positions-outside-the-transaction",
    does: "commits results, but no positions",
    causes: ["streams-output"],
    seedsMax: 150,
    edits: [{
      file: `${runtime}/Delivery.ts`,
      find: "offsets.length === 0 ? Effect.void : producer.sendOffsets",
      replace: "offsets.length >= 0 ? Effect.void : producer.sendOffsets"
    }]
  },
  {
    name: "offsets-before-flush",
    does: "commits positions, at least once, before the results are written",
    causes: ["streams-output"],
    seedsMax: 500,
    edits: [{
      file: `${runtime}/Delivery.ts`,
      find: "    yield* Effect.mapError(Effect.andThen(late.settle, producer.flush), failed)\n",
      replace: "    yield* Effect.mapError(late.settle, failed)\n"
    }]
  },
  {
    name: "flush-store-after-commit",
    does: "writes the last change of a store with the next one, in the transaction after its own",
    causes: ["streams-output"],
    seedsMax: 500,
    edits: [{
      file: `${runtime}/LateTopics.ts`,
      find: "      send: (topic, partition, key, value, timestamp, headers) => {\n        try {\n",
      replace: `      send: (topic, partition, key, value, timestamp, headers) => {
        if (topic.endsWith("-changelog")) {
          held?.()
          const copies = [key?.slice() ?? null, value?.slice() ?? null] as const
          held = () => producer().appendUnsafe(topic, partition, timestamp, copies[0], copies[1], headers)
          return
        }
        try {
`
    }, {
      file: `${runtime}/LateTopics.ts`,
      find: "    this.producer = producer\n",
      replace: "    this.producer = producer\n    let held: (() => void) | undefined\n"
    }]
  },
  {
    name: "keep-state-of-lost-work",
    does: "goes on with the state of a transaction that was aborted",
    causes: ["streams-output"],
    seedsMax: 400,
    edits: [
      {
        file: `${runtime}/StreamsLoop.ts`,
        find: "      this.handover.giveUp(partitions)\n      yield* effects.ended(limits.closeTimeoutMs)\n",
        replace: `      for (const id of tasks.tasks.keys()) this.parts.restorer.forget(id)
      yield* effects.ended(limits.closeTimeoutMs)
`
      },
      {
        file: `${runtime}/TaskManager.ts`,
        find: "    for (const [id, group] of groups) {\n",
        replace: "    for (const [id, group] of groups) {\n      if (this.tasks.has(id)) continue\n"
      }
    ]
  }
]
