/**
 * Every worker starts here: in production, in the demo and in tests. It takes work from three queues: workflows and light steps from the
 * first, partitions of live days from the second, with as many slots as there are scoring threads, and those of backfilled days from
 * the third, with one slot less.
 */
import { fileURLToPath } from 'node:url'
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import type { Log } from '../activities/context.js'
import { temporalActivities } from '../activities/temporalActivities.js'
import { ScoringPool } from '../engine/batch/scoringPool.js'
import { codeFingerprint } from '../engine/loader/codeFingerprint.js'
import type { Settings } from '../engine/loader/settings.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { taskQueues } from '../engine/protocol/ids.js'
import { messageOf } from '../engine/protocol/systemErrors.js'
import { makeLog } from './log.js'
import { registerSearchAttributes } from './searchAttributes.js'
import { reached, type TemporalTarget } from './temporalConnection.js'

export interface RunningWorker {
  readonly taskQueue: string
  /** Settles when the worker has ended; rejects when it ended by a fault. */
  readonly ended: Promise<void>
  /** Lets running steps end, then leaves. Scoring threads are drained, never cut, because a cut one takes the process with it. */
  stop(): Promise<void>
}

/** Steps may go on this long after a stop; a partition stops sooner, between two micro-batches. */
const SHUTDOWN_GRACE = '5s'
/** Then the worker ends whatever holds it. */
const SHUTDOWN_FORCE = '20s'
/** A day is one workflow, and tens are under way at most. The default would grow with the heap. */
const MAX_CACHED_WORKFLOWS = 200
/** So many light steps run at once: they wait for disk and network most of the time. */
const LIGHT_SLOTS = 20

export interface WorkerOptions {
  readonly target: TemporalTarget
  readonly settings: Settings
  /** Lines for whoever watches the worker. */
  readonly say: (line: string) => void
}

/** Connects, registers and runs. @throws ServerUnreachable */
export async function startWorker({ target, settings, say }: WorkerOptions): Promise<RunningWorker> {
  const log = makeLog(settings, say)
  installRuntime(log, settings.metricsAddress)
  const connection = await reached(target, () => NativeConnection.connect(target.connectionOptions))
  const attributes = await registerSearchAttributes(connection, target.namespace)
  if (attributes) {
    log({ level: 'warn', message: `Search attributes cannot be used (${attributes}): runs work, but are not found by date or verdict.` })
  }
  const workers: Worker[] = []
  const leave = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
  }
  const pool = new ScoringPool(settings.threads, {
    onGivenUp: (why) => {
      log({ level: 'error', message: `This worker leaves, because ${why}: a model holds it. Start it again; steps go on elsewhere.` })
      leave()
    },
  })
  const activities = temporalActivities({ settings, pool, code: codeFingerprint(), log })
  workers.push(...(await createWorkers(connection, target.namespace, settings, activities)))
  const ended = runAll(workers, connection, pool)
  return {
    taskQueue: taskQueues(settings.name).main,
    ended,
    stop: async () => {
      leave()
      await ended
    },
  }
}

async function createWorkers(
  connection: NativeConnection,
  namespace: string,
  settings: Settings,
  activities: ReturnType<typeof temporalActivities>,
): Promise<readonly Worker[]> {
  const { scorePartition, ...light } = activities
  const { main, scoring, backfillScoring } = taskQueues(settings.name)
  const common = {
    connection,
    namespace,
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: SHUTDOWN_FORCE,
    // Beats pass on within a second, so that a slow machine does not lose an attempt to throttling.
    maxHeartbeatThrottleInterval: '1s',
    defaultHeartbeatThrottleInterval: '1s',
  } as const
  return [
    await Worker.create({
      ...common,
      taskQueue: main,
      workflowsPath: fileURLToPath(new URL('../workflows/index.js', import.meta.url)),
      activities: light,
      maxConcurrentActivityTaskExecutions: LIGHT_SLOTS,
      maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
      // A dead worker keeps its workflows' next task for itself this long: 10 s would be most of a recovery.
      stickyQueueScheduleToStartTimeout: '1s',
    }),
    await Worker.create({
      ...common,
      taskQueue: scoring,
      activities: { scorePartition },
      maxConcurrentActivityTaskExecutions: settings.threads,
    }),
    await Worker.create({
      ...common,
      taskQueue: backfillScoring,
      activities: { scorePartition },
      // A slot stays free for the day that is awaited; with one thread it comes before what waits.
      maxConcurrentActivityTaskExecutions: Math.max(1, settings.threads - 1),
    }),
  ]
}

async function runAll(workers: readonly Worker[], connection: NativeConnection, pool: ScoringPool): Promise<void> {
  try {
    await Promise.all(workers.map((worker) => worker.run()))
  } finally {
    await pool.close()
    await connection.close()
  }
}

/** The scoring workers have no workflows on purpose, and a run that failed has a line of its own, which says more. */
const EXPECTED_WARNINGS = ['No workflows registered', 'Workflow failed']

let installed = false

/**
 * Sets up the SDK's runtime, which a process has once: its warnings become lines of ours, its metrics are served where the settings
 * say, and it handles no signals, because the command line does. @throws UsageInvalid when the metrics' address cannot be had
 */
function installRuntime(log: Log, metricsAddress: string | undefined): void {
  if (installed) return
  try {
    Runtime.install({
      logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
        if (EXPECTED_WARNINGS.some((expected) => message.startsWith(expected))) return
        log({ level: level === 'ERROR' ? 'error' : 'warn', message: `${message}${causeOf(meta)}` })
      }),
      telemetryOptions: {
        logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR' }) },
        ...(metricsAddress ? { metrics: { prometheus: { bindAddress: metricsAddress } } } : {}),
      },
      shutdownSignals: [],
    })
  } catch (error) {
    if (!metricsAddress) throw error
    const why = messageOf(error)
    throw new DaybreakError('UsageInvalid', `metrics cannot be served at DAYBREAK_METRICS_ADDRESS=${metricsAddress}: ${why}`, {
      next: 'Choose another address, or end what has it.',
    })
  }
  installed = true
}

function causeOf(meta: Record<string, unknown> | undefined): string {
  const error = meta?.error
  return error instanceof Error ? `: ${error.message}` : ''
}
