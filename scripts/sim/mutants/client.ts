/**
 * Bugs of producers and consumers.
 */
import { client, type Mutant } from "./Mutant.ts"

export const clients: ReadonlyArray<Mutant> = [
  {
    name: "give-aborted-records",
    does: "gives records of aborted transactions to readers of committed ones",
    causes: ["aborted-read", "streams-output", "duplicate"],
    seedsMax: 100,
    edits: [{
      file: `${client}/consumer/FetchedRecords.ts`,
      find: "if (isVoid || (isCurrent &&",
      replace: "if ((isVoid && at < 0) || (isCurrent &&"
    }]
  },
  {
    name: "skip-a-record",
    does: "skips a record now and then after a batch",
    causes: [
      "precommitted-read",
      "int-poll-skip",
      "poll-skip",
      "lost-write",
      "streams-output",
      "unseen",
      "torn-transaction"
    ],
    seedsMax: 50,
    edits: [{
      file: `${client}/consumer/FetchedRecords.ts`,
      find: "    nextOffset = lastOffset + 1\n",
      replace: "    nextOffset = lastOffset + (lastOffset % 7 === 6 ? 2 : 1)\n"
    }]
  },
  {
    name: "reorder-on-retry",
    does: "sends batches again the newest first, under sequences of their own",
    causes: ["int-nonmonotonic-send", "nonmonotonic-send", "duplicate"],
    seedsMax: 200,
    edits: [{
      file: `${client}/producer/Sender.ts`,
      find: "    putBack(batch, batch)\n",
      replace: "    batch.queue.retry.unshift(batch)\n    this.sequences.lose(batch.queue)\n"
    }, {
      file: `${client}/producer/Sequences.ts`,
      find:
        "    const uncertain = queue.retry.filter((batch) => batch.isUncertain)\n    queue.retry = queue.retry.filter((batch) => !batch.isUncertain)\n    for (const batch of uncertain) this.#end(batch, lostSequence)\n",
      replace: ""
    }]
  },
  {
    name: "lose-batch-order",
    does: "sends of the batches that wait the newest first",
    causes: ["int-nonmonotonic-send", "nonmonotonic-send"],
    seedsMax: 60,
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
    name: "acknowledge-without-answer",
    does: "tells the application that a batch was written when the connection broke",
    causes: ["lost-write", "torn-transaction", "streams-output"],
    seedsMax: 150,
    edits: [{
      file: `${client}/producer/Sender.ts`,
      find:
        `        for (const batch of batches) this.#again(batch, error.reason === "UnsupportedVersion" ? error : undefined)`,
      replace:
        `        for (const batch of batches) this.#succeed(batch, error.reason === "UnsupportedVersion" ? 0 : -1)`
    }]
  },
  {
    name: "drop-what-is-paused",
    does: "throws away what was fetched of a partition that is paused",
    causes: ["unseen", "streams-output", "poll-skip", "stuck"],
    seedsMax: 800,
    edits: [{
      file: `${client}/consumer/PollEngine.ts`,
      find: "      if (state.isPaused || state.chunks.length === 0) continue\n",
      replace: "      if (state.isPaused) state.chunks.length = 0\n      if (state.chunks.length === 0) continue\n"
    }]
  }
]
