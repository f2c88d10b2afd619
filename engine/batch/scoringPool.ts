/**
 * Holds the scoring threads of a process and says what they can be asked for. Inference blocks the thread it runs on, so it never runs on a
 * thread that must answer.
 */
import '../model/onnx/noTelemetry.js'
import type { FirstRecords } from '../scoring/firstAnswers.js'
import type { GoldenRequest } from '../scoring/golden.js'
import type { ScoringSpec } from '../scoring/openScoring.js'
import type { TriedFeatures } from '../scoring/tryFeatures.js'
import type { CopyRequest } from './copyParts.js'
import type { DoubledKeys } from './keyFile.js'
import type { PartitionJob } from './parts.js'
import type { ReadBack, ReadBackRequest } from './readBack.js'
import type { ScoringTasks, TriedModel } from './scoringThread.js'
import type { PartSummary } from './summary.js'
import { type PoolOptions, type TaskControl, ThreadPool } from './threadPool.js'

/** A thread makes little garbage: with more room than this it would only keep it for longer. */
const YOUNG_MB = 2

/** From this size on an input is worth more than one thread. */
const LARGE_BYTES = 4 << 20

/** Only the tasks with this mark are worth the start of another thread, and they run models: all others are short. */
const LONG = { long: true, watched: true } as const

/** A thread tells of every micro-batch, and the slowest model that is of any use answers one in a minute. */
const SILENT_MS = 5 * 60_000
/** A micro-batch that is under way is brought to its end, if that is near. */
const GRACE_MS = 10_000

export type ScoringPoolOptions = Partial<Pick<PoolOptions, 'silentMs' | 'graceMs' | 'onGivenUp'>>

/** Asks scoring threads. Each function waits for its turn, and every error is that of the task. */
export class ScoringPool {
  private readonly pool: ThreadPool<ScoringTasks>

  /** @param threads most threads at once */
  constructor(
    readonly threads: number,
    { silentMs = SILENT_MS, graceMs = GRACE_MS, onGivenUp }: ScoringPoolOptions = {},
  ) {
    const entry = new URL('./scoringThread.js', import.meta.url)
    const watched = { silentMs, graceMs, ...(onGivenUp ? { onGivenUp } : {}) }
    this.pool = new ThreadPool({ entry, threads, work: 'scoring', youngMb: YOUNG_MB, ...watched })
  }

  /**
   * Starts threads before there is work: they load the ONNX runtime meanwhile, and open what they will score by. An error is left to the
   * task that needs the same.
   * @param bytes size of the input: a small one is worth one thread @param spec what large inputs will be scored by
   */
  warm(bytes = 0, spec?: ScoringSpec): void {
    const large = bytes >= LARGE_BYTES
    const idle = this.pool.warm(large ? this.threads : 1)
    if (spec && large) for (let thread = 0; thread < idle; thread += 1) this.try(spec).catch(() => undefined)
  }

  /** Scores a partition. @throws Interrupted when the signal aborts */
  async score(job: PartitionJob, control: Omit<TaskControl, 'long' | 'watched'> = {}): Promise<PartSummary> {
    return await this.pool.run('score', job, { ...control, ...LONG })
  }

  /** Opens a model for its definition and tries golden rows, if there are any. @throws ModelUnusable, ModelMismatch, GoldenRowsDiffer */
  async try(spec: ScoringSpec, golden?: GoldenRequest): Promise<TriedModel> {
    return await this.pool.run('try', { spec, ...(golden ? { golden } : {}) }, LONG)
  }

  /** Tries the features on the first records of a day. @throws DefinitionInvalid when some read columns that are not there */
  async features(spec: ScoringSpec, first: FirstRecords, control: Pick<TaskControl, 'signal'> = {}): Promise<TriedFeatures> {
    return await this.pool.run('features', { spec, first }, control)
  }

  /** Tries the first records of a day. @throws ModelMismatch, ResultCheckFailed; Interrupted when the signal aborts */
  async tryFirst(spec: ScoringSpec, first: FirstRecords, control: Pick<TaskControl, 'signal'> = {}): Promise<void> {
    await this.pool.run('first', { spec, first }, { ...control, watched: true })
  }

  /** Copies parts into the assembled file. @throws StorageDamaged */
  async copy(request: CopyRequest): Promise<void> {
    await this.pool.run('copy', request)
  }

  /** Finds the doubled keys of some buckets in the key files of all parts. */
  async doubled(files: readonly string[], buckets: readonly number[]): Promise<DoubledKeys> {
    return await this.pool.run('doubled', { files, buckets })
  }

  /** Reads rows of a predictions file back. */
  async readBack(request: ReadBackRequest): Promise<ReadBack> {
    return await this.pool.run('readBack', request)
  }

  /** Stops scoring between two micro-batches, lets other tasks end, and waits until every thread has left. */
  async close(): Promise<void> {
    await this.pool.close()
  }
}
