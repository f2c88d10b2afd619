/**
 * Writes one part: predictions, rejects and keys while micro-batches are scored, and the summary at the end. A part with a summary is
 * finished. It writes synchronously, because a scoring thread has nothing else to do.
 */
import { createHash, type Hash } from 'node:crypto'
import { closeSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { hasProbability, hasScore } from '../../definition/tasks.js'
import { sha256, temporaryName } from '../files/fileSystem.js'
import type { Scores } from '../model/scores.js'
import { newCounts } from '../protocol/counts.js'
import { ScoreAcceptance } from '../scoring/acceptScore.js'
import type { SlotFiller } from '../scoring/fillSlots.js'
import type { OpenScoring } from '../scoring/openScoring.js'
import { cellOf } from '../scoring/outputColumns.js'
import { OwnLabels } from '../scoring/ownLabels.js'
import type { Problems } from '../scoring/scoreRows.js'
import type { CellProblem } from '../table/decode.js'
import type { FastLines } from '../table/fast/fastLines.js'
import { linePlace } from '../table/format.js'
import type { Block, BlockReader } from '../table/readBlocks.js'
import { rejectLine } from '../table/rejectsFile.js'
import { spreadsheetSafe } from '../table/writeCsv.js'
import type { FastKeys, KeyBuckets } from './keyFile.js'
import type { OutputLines } from './outputLines.js'
import { type PartitionJob, partFiles, summaryText } from './parts.js'
import type { ProfileCounts } from './profile.js'
import { addFinding, type BatchSummary, countRules, type Finding, type PartSummary, SCORE_BINS } from './summary.js'

/** What a thread reads and writes the partitions of one run with. Its memory is used for all of them. */
export interface PartTable {
  readonly reader: BlockReader
  readonly output: OutputLines
  readonly lines: FastLines
  readonly keys: FastKeys
  readonly keyBuckets: KeyBuckets
  readonly profile: ProfileCounts
  readonly filler: SlotFiller
}

const NONE: readonly CellProblem[] = []

/** Digest of the rejects of a micro-batch that has none. */
const NO_REJECTS = sha256('')

/** Digests and sums of the micro-batch that is being written. */
class OpenBatch {
  readonly predictions: Hash = createHash('sha256')
  /** Made with the first reject, because most micro-batches have none. */
  rejects: Hash | undefined
  scoreSum = 0
  confidenceSum = 0

  summary(): BatchSummary {
    const { predictions, rejects, scoreSum, confidenceSum } = this
    return { predictions: predictions.digest('hex'), rejects: rejects?.digest('hex') ?? NO_REJECTS, scoreSum, confidenceSum }
  }
}

/** Writes one part. `finish` keeps its files. `close` must follow in any case: it removes files that were not kept. */
export class PartWriter {
  private readonly names: ReturnType<typeof partFiles>
  private readonly predictions: OpenFile
  private readonly rejects: OpenFile
  private readonly keys: OpenFile
  private readonly scores: OpenFile | undefined
  private readonly batches: BatchSummary[] = []
  private batch: OpenBatch | undefined
  private readonly findings = new Map<string, Finding>()
  private readonly ruleRows = newCounts()
  private readonly classCounts: Float64Array
  private readonly scoreBins = new Float64Array(SCORE_BINS)
  private readonly acceptance: ScoreAcceptance
  /** Of a model that gives labels itself. */
  private labels: OwnLabels | undefined
  private readonly keyPosition: number
  private readonly keyField: number
  private counts = { records: 0, predicted: 0, rejected: 0, invalid: 0, highConfidence: 0, lowConfidence: 0 }
  private minScore = Number.POSITIVE_INFINITY
  private maxScore = Number.NEGATIVE_INFINITY

  constructor(
    private readonly opened: OpenScoring,
    private readonly job: PartitionJob,
    private readonly table: PartTable,
  ) {
    const { task } = opened.definition.model
    this.acceptance = new ScoreAcceptance(task)
    this.names = partFiles(job.folder, job.partition)
    this.predictions = new OpenFile(this.names.predictions)
    this.rejects = new OpenFile(this.names.rejects)
    this.keys = new OpenFile(this.names.keys)
    this.scores = hasScore(task) && !hasProbability(task) ? new OpenFile(this.names.scores) : undefined
    this.classCounts = new Float64Array(Math.max(1, opened.model.classes.length))
    const { columns, key = '' } = opened.definition.input
    this.keyPosition = job.input.positions[key] ?? -1
    this.keyField = Object.keys(columns).indexOf(key)
    // The table may still hold what a part left that failed before this one.
    table.lines.clear()
    table.keyBuckets.clear()
    table.profile.take()
  }

  /** Adds the records of a block, in record order. The scores of record `i` are in slot `block.slot + i`. */
  addBlock(block: Block, found: Problems, scores: Scores): void {
    this.batch ??= new OpenBatch()
    const { batch } = this
    const { lines, output } = this.table
    this.table.keys.addTo(this.table.keyBuckets, block)
    this.countScores(block, found, scores, batch)
    if (scores.own) this.labels ??= new OwnLabels(this.opened.model)
    this.labels?.add(block, found, scores)
    const [from, to] = [block.slot, block.slot + block.count]
    this.table.profile.add(from, block.count, lines.skipped)
    lines.labels.set(scores.label.subarray(from, to))
    lines.score.set(scores.score.subarray(from, to))
    lines.confidence.set(scores.confidence.subarray(from, to))
    for (const [index, probability] of lines.byClass) probability.set(scores.byClass![index]!.subarray(from, to))
    const sink = (full: Buffer, steady: Buffer) => {
      this.predictions.write(full)
      batch.predictions.update(steady)
    }
    lines.write(sink, output.pieces !== undefined, (record) => output.byHand(block, record, from + record, scores))
    lines.flush(sink)
    if (to === this.opened.batch.size) this.closeBatch()
  }

  private closeBatch(): void {
    if (this.batch) this.batches.push(this.batch.summary())
    this.batch = undefined
  }

  /** Rejects the records that have a problem and counts the scores of all others. `lines.skipped` is 1 for rejects: they get no line. */
  private countScores(block: Block, found: Problems, { score, confidence, label }: Scores, batch: OpenBatch): void {
    const { counts, classCounts, scoreBins } = this
    const { skipped } = this.table.lines
    const { high, low } = this.job.confidenceLimits
    const { acceptance } = this
    const values = this.scores && new Float64Array(block.count)
    const rejected: string[] = []
    let { minScore, maxScore } = this
    let { scoreSum, confidenceSum } = batch
    let [predicted, sure, unsure] = [0, 0, 0]
    for (let record = 0; record < block.count; record += 1) {
      const slot = block.slot + record
      const value = score[slot]!
      const known = found.size > 0 ? found.get(record) : undefined
      const finite = known === undefined && acceptance.isPlain(value, label[slot]!)
      const problems = finite ? NONE : (known ?? acceptance.problems(value, label[slot]!))
      if (problems.length > 0) {
        skipped[record] = 1
        rejected.push(this.reject(block, record, problems))
        continue
      }
      skipped[record] = 0
      if (values) values[predicted] = value
      predicted += 1
      classCounts[label[slot]!]! += 1
      // A model that gives only labels has NaN for its scores, and nothing to add up.
      if (finite) {
        scoreSum += value
        if (value < minScore) minScore = value
        if (value > maxScore) maxScore = value
        const bin = Math.floor(value * SCORE_BINS)
        scoreBins[bin < 0 ? 0 : bin >= SCORE_BINS ? SCORE_BINS - 1 : bin]! += 1
      }
      const confident = confidence[slot]!
      // A model that gives labels or margins has NaN for its confidences.
      if (confident - confident === 0) {
        confidenceSum += confident
        if (confident > high) sure += 1
        if (confident < low) unsure += 1
      }
    }
    counts.records += block.count
    counts.predicted += predicted
    counts.highConfidence += sure
    counts.lowConfidence += unsure
    this.minScore = minScore
    this.maxScore = maxScore
    batch.scoreSum = scoreSum
    batch.confidenceSum = confidenceSum
    if (values) this.scores?.write(Buffer.from(values.buffer, 0, 8 * predicted))
    if (rejected.length === 0) return
    const text = rejected.join('')
    this.rejects.write(text)
    batch.rejects ??= createHash('sha256')
    batch.rejects.update(text)
  }

  /** Counts the problems of a record and returns its line for the rejects. */
  private reject(block: Block, record: number, problems: readonly CellProblem[]): string {
    const { rows, fields } = block
    const first = problems[0]!
    const place = linePlace(this.job.input.set, fields.lines[record]!)
    for (const { column, rule, value } of problems) addFinding(this.findings, column, rule, [place], 1, value)
    countRules(this.ruleRows, problems)
    this.counts.rejected += 1
    if (!/^(feature|score|prediction|model)\./.test(first.rule)) this.counts.invalid += 1
    const { neutralizeFormulas = true } = this.opened.definition.output ?? {}
    const cells = {
      line: String(place),
      key: this.keyPosition < 0 ? '' : cellOf(block, record, this.keyField, this.keyPosition),
      column: first.column,
      rule: first.rule,
      reason: problems.map(({ reason }) => reason).join('; '),
      raw: rows.get(record)?.raw ?? fields.bytes.toString('utf8', fields.starts[record], fields.ends[record]),
    }
    return rejectLine(cells, this.job.outputFormat, neutralizeFormulas ? spreadsheetSafe : String)
  }

  /**
   * Gives the files their final names, the summary last. Nothing is forced to disk: the assembled files are, before the attempt is sealed.
   * @param nullCounts blank cells by column
   */
  finish(nullCounts: Readonly<Record<string, number>>): PartSummary {
    this.closeBatch()
    const summary: PartSummary = {
      partition: this.job.partition,
      ...this.counts,
      predictionBytes: this.predictions.bytes,
      rejectBytes: this.rejects.bytes,
      nullCounts,
      findings: [...this.findings.values()],
      ruleRows: this.ruleRows,
      batches: this.batches,
      profile: this.table.profile.take(),
      ...(this.labels ? { ownLabels: this.labels.counts() } : {}),
      classCounts: [...this.classCounts],
      minScore: this.minScore,
      maxScore: this.maxScore,
      scoreBins: [...this.scoreBins],
    }
    for (const bytes of this.table.keyBuckets.content()) this.keys.write(bytes)
    for (const file of [this.predictions, this.rejects, this.keys, this.scores]) file?.keep()
    const temporary = temporaryName(this.names.summary)
    writeFileSync(temporary, summaryText(summary))
    renameSync(temporary, this.names.summary)
    return summary
  }

  /** Removes the files that `finish` did not keep. */
  close(): void {
    for (const file of [this.predictions, this.rejects, this.keys, this.scores]) file?.discard()
  }
}

/** A file that is written under a temporary name, until it is kept or discarded. */
class OpenFile {
  private readonly temporary: string
  private descriptor: number | undefined
  /** Bytes written so far. */
  bytes = 0

  constructor(private readonly name: string) {
    this.temporary = temporaryName(name)
    this.descriptor = openSync(this.temporary, 'wx')
  }

  write(content: string | Buffer): void {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    for (let written = 0; written < bytes.length; ) written += writeSync(this.descriptor!, bytes, written)
    this.bytes += bytes.length
  }

  keep(): void {
    closeSync(this.descriptor!)
    this.descriptor = undefined
    renameSync(this.temporary, this.name)
  }

  discard(): void {
    if (this.descriptor === undefined) return
    closeSync(this.descriptor)
    this.descriptor = undefined
    rmSync(this.temporary, { force: true })
  }
}
