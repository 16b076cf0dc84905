/**
 * The metrics of an instance under Kafka Streams' groups, names and tags, as they are when they are asked for.
 *
 * Keeps true: asking changes nothing and costs the app nothing before.
 * Leaves to others: where metrics are sent (`EffectMetrics`, the program).
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import { describe } from "@millrace/core/streams/describe"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { softwareVersion } from "../../../cluster/Connection.ts"
import * as Definitions from "../../engine/metrics/Definitions.ts"
import { type Metric, Telling } from "../../engine/metrics/Metric.ts"
import { numberOf } from "../../engine/metrics/RecordingLevel.ts"
import { tellGlobal, tellStandby, tellTask } from "../../engine/metrics/TaskMetrics.ts"
import type { Instance } from "../Instance.ts"
import type { State } from "../StreamsLoop.ts"
import { tellStateUpdater, tellThread } from "./ThreadMetrics.ts"

/** Kafka's numbers of what an instance is doing. */
const stateOrdinals: Readonly<Record<State, number>> = {
  CREATED: 0,
  REBALANCING: 1,
  RUNNING: 2,
  PENDING_SHUTDOWN: 3,
  NOT_RUNNING: 4,
  ERROR: 6
}

/**
 * All metrics of an instance.
 *
 * @since 0.1.0
 */
export const snapshot = (instance: Instance): Effect.Effect<ReadonlyArray<Metric>> =>
  Effect.gen(function*() {
    const { globals, settings } = instance
    const processId = instance.processId()
    const clientId = `${settings.applicationId}-${processId}`
    const wallMs = yield* Clock.currentTimeMillis
    const level = settings.metricsRecordingLevel
    const telling = new Telling(level, yield* MonotonicTime.millis)
    // tasks measure by the wall clock
    const ofTasks = new Telling(level, wallMs)
    tellClient(telling, clientId, instance)
    if (globals.topics.length > 0) tellGlobal(ofTasks, `${clientId}-GlobalStreamThread`, globals)
    for (const thread of instance.threads()) {
      tellThread(telling, wallMs, processId, thread)
      tellStateUpdater(telling, thread)
      for (const { id, task } of thread.tasks.tasks.values()) {
        tellTask(ofTasks, thread.name, task, thread.restorer.remaining(id))
      }
      for (const standby of thread.tasks.standbys.values()) tellStandby(ofTasks, thread.name, standby)
    }
    return [...telling.metrics, ...ofTasks.metrics]
  })

const tellClient = (telling: Telling, clientId: string, instance: Instance): void => {
  const { settings: { applicationId }, state, threads, topology } = instance
  const { client } = Definitions
  const tags = { "client-id": clientId }
  const ofProcess = { ...tags, "process-id": instance.processId() }
  telling.tell(client.version, tags, softwareVersion)
  telling.tell(client["commit-id"], tags, "unknown")
  telling.tell(client["application-id"], tags, applicationId)
  telling.tell(client["topology-description"], tags, describe(topology))
  telling.tell(client.state, tags, state.current)
  telling.tell(client["client-state"], { ...ofProcess, "application-id": applicationId }, stateOrdinals[state.current])
  telling.tell(client["alive-stream-threads"], tags, threads().length)
  telling.tell(client["failed-stream-threads"], tags, state.failedThreads)
  telling.tell(client["recording-level"], ofProcess, numberOf(telling.level))
}
