/**
 * Bugs of the transaction coordinator, and of the log that it keeps.
 */
import { type Mutant, server } from "./Mutant.ts"

const coordination = `${server}/coordination`

export const transactions: ReadonlyArray<Mutant> = [
  {
    name: "commit-what-was-aborted",
    does: "writes commit markers where a transaction was aborted",
    causes: ["aborted-read", "streams-output", "duplicate"],
    seedsMax: 60,
    edits: [{
      file: `${coordination}/transaction/Markers.ts`,
      find: `transactionResult: transaction.status === "PrepareCommit",`,
      replace: `transactionResult: transaction.status !== "Ongoing",`
    }]
  },
  {
    name: "answer-before-commit",
    does: "answers, and writes markers, before the coordinator's log is committed",
    causes: [
      "lost-write",
      "aborted-read",
      "precommitted-read",
      "torn-transaction",
      "duplicate",
      "streams-output",
      "stuck"
    ],
    seedsMax: 500,
    edits: [{
      file: `${coordination}/shard/Shard.ts`,
      find: "      yield* Effect.forkIn(this.awaitCommitted(current, flight, exit.value), current.scope)\n",
      replace: "      flight.committed = true\n      this.wakeUp.openUnsafe()\n"
    }]
  },
  {
    name: "confirm-what-was-aborted",
    does: "answers the commit of a transaction that it has aborted before as if it had committed it",
    causes: ["lost-write", "torn-transaction", "aborted-read", "precommitted-read", "duplicate", "streams-output"],
    seedsMax: 600,
    edits: [{
      file: `${coordination}/transaction/EndTransaction.ts`,
      find: `    case committed ? "CompleteCommit" : "CompleteAbort":\n`,
      replace: `    case "CompleteAbort":\n    case "CompleteCommit":\n`
    }]
  },
  {
    name: "commit-what-was-abandoned",
    does: "commits what a producer has left open that was fenced or took too long",
    causes: ["precommitted-read", "aborted-read", "torn-transaction", "streams-output", "duplicate", "unseen"],
    seedsMax: 150,
    edits: [{
      file: `${coordination}/transaction/EndTransaction.ts`,
      find: "  const prepared = preparedOf(transaction, false, transactionVersion2, now, { nextProducerId: none })\n",
      replace: "  const prepared = preparedOf(transaction, true, transactionVersion2, now, { nextProducerId: none })\n"
    }]
  },
  {
    name: "time-out-without-epoch",
    does: "aborts an abandoned transaction without raising the epoch of its producer",
    causes: ["aborted-read", "precommitted-read", "torn-transaction", "streams-output", "duplicate", "stuck"],
    seedsMax: 200,
    edits: [{
      file: `${coordination}/transaction/EndTransaction.ts`,
      find: `  const prepared = preparedOf(transaction, false, transactionVersion2, now, { nextProducerId: none })\n`,
      replace:
        `  const prepared = { ...preparedOf(transaction, false, transactionVersion2, now, { nextProducerId: none }), producerEpoch: transaction.producerEpoch }\n`
    }]
  },
  {
    name: "drop-timers-on-load",
    does: "does not go on ending the transactions that a coordinator before it has left half ended",
    causes: ["stuck"],
    seedsMax: 300,
    edits: [{
      file: `${coordination}/transaction/TransactionMachine.ts`,
      find: "  actions: [...state.transactions.values()].filter(isPrepared).map((transaction) => ({",
      replace:
        "  actions: [...state.transactions.values()].filter(() => now < 0).filter(isPrepared).map((transaction) => ({"
    }]
  },
  {
    name: "forget-a-partition",
    does: "tells one partition alone how the transaction has ended",
    causes: ["stuck", "unseen", "streams-output", "aborted-read", "precommitted-read", "torn-transaction"],
    seedsMax: 100,
    edits: [{
      file: `${coordination}/transaction/Markers.ts`,
      find: "  for (const [topic, partitions] of transaction.partitions) missing.set(topic, new Set(partitions))\n",
      replace:
        "  for (const [topic, partitions] of transaction.partitions) missing.set(topic, new Set(partitions.slice(0, 1)))\n"
    }]
  }
]
