/**
 * Bugs of producers and consumers.
 */
import { client, type Mutant, server } from "./Mutant.ts"

export const clients: ReadonlyArray<Mutant> = [
  {
    name: "give-aborted-records",
    does: "gives records of aborted transactions to readers of committed ones",
    causes: ["aborted-read"],
    seedsMax: 20,
    edits: [{
      file: `${client}/consumer/FetchedRecords.ts`,
      find: "if (isVoid || (isCurrent &&",
      replace: "if ((isVoid && at < 0) || (isCurrent &&"
    }]
  },
  {
    name: "skip-a-record",
    does: "skips a record now and then after a batch",
    causes: ["int-poll-skip", "poll-skip", "lost-write", "streams-output", "unseen", "torn-transaction"],
    seedsMax: 20,
    edits: [{
      file: `${client}/consumer/FetchedRecords.ts`,
      find: "    nextOffset = lastOffset + 1\n",
      replace: "    nextOffset = lastOffset + (lastOffset % 7 === 6 ? 2 : 1)\n"
    }]
  },
  {
    name: "reorder-on-retry",
    does: "puts a batch that is to be sent again before those that were sent earlier",
    causes: ["int-nonmonotonic-send", "nonmonotonic-send", "duplicate"],
    seedsMax: 200,
    edits: [{
      file: `${client}/producer/Sender.ts`,
      find:
        "    const { retry } = batch.queue\n    const at = retry.findIndex((other) => other.order > batch.order)\n    retry.splice(at < 0 ? retry.length : at, 0, batch)\n",
      replace: "    batch.queue.retry.unshift(batch)\n"
    }]
  },
  {
    name: "lose-batch-order",
    does: "sends of the batches that wait the newest first",
    causes: ["int-nonmonotonic-send", "nonmonotonic-send"],
    seedsMax: 20,
    edits: [{
      file: `${client}/producer/Sender.ts`,
      find: "const batch = isAgain ? queue.retry[0]! : queue.ready[0]!",
      replace: "const batch = isAgain ? queue.retry[0]! : queue.ready.at(-1)!"
    }, {
      file: `${client}/producer/Sender.ts`,
      find: "      else queue.ready.shift()\n",
      replace: "      else queue.ready.pop()\n"
    }]
  },
  {
    name: "raise-epoch-too-early",
    does: "begins sequences anew while the fate of other batches is open",
    causes: ["duplicate", "int-nonmonotonic-send", "nonmonotonic-send"],
    seedsMax: 200,
    edits: [{
      file: `${client}/producer/Sender.ts`,
      find: "      if (queue.inFlight.length > 0 || (queue.retry.length > 0 && !queue.isPoisoned)) return\n",
      replace: ""
    }]
  },
  {
    name: "acknowledge-without-answer",
    does: "tells the application that a batch was written when the connection broke",
    causes: ["lost-write", "torn-transaction", "streams-output"],
    seedsMax: 100,
    edits: [{
      file: `${client}/producer/Sender.ts`,
      find:
        `        for (const batch of batches) this.#again(batch, error.reason === "UnsupportedVersion" ? error : undefined)`,
      replace:
        `        for (const batch of batches) this.#succeed(batch, error.reason === "UnsupportedVersion" ? 0 : -1)`
    }]
  },
  {
    name: "fetch-session-forgets-partition",
    does: "forgets the partitions of a fetch session that a request does not name",
    causes: ["stuck", "unseen", "streams-output"],
    seedsMax: 20,
    edits: [{
      file: `${server}/api/FetchSession.ts`,
      find:
        "    for (const partition of partitionsOf(request)) {\n      const key = keyOf(partition)\n      const known = partitions.get(key)\n",
      replace:
        "    const named = new Set(partitionsOf(request).map(keyOf))\n    for (const key of [...partitions.keys()]) if (!named.has(key)) partitions.delete(key)\n    for (const partition of partitionsOf(request)) {\n      const key = keyOf(partition)\n      const known = partitions.get(key)\n"
    }]
  }
]
