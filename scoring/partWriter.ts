/**
 * Writes one part: lines of predictions, rejects and keys as micro-batches are scored, then, last, the summary. A part with a
 * summary is finished. Synchronous I/O: a scoring thread has nothing else to do.
 */
import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import type { ResultColumn } from '../definition/pipeline.js'
import { hasProbability, hasScore } from '../definition/tasks.js'
import type { Scores } from '../model/scores.js'
import { temporaryName } from '../storage/fileSystem.js'
import { placeOf } from '../table/format.js'
import { jsonCell } from '../table/jsonCell.js'
import { float32Text } from '../table/numberText.js'
import type { RawRow } from '../table/readRows.js'
import { rejectLine } from '../table/rejectsFile.js'
import { csvLine, spreadsheetSafe } from '../table/writeCsv.js'
import { jsonLine } from '../table/writeJson.js'
import type { OpenScoring } from './openScoring.js'
import { type PartitionJob, partFiles, summaryText } from './parts.js'
import type { Slot } from './scoreRows.js'
import { addFinding, type BatchSummary, countRules, type Finding, type PartSummary, SCORE_BINS } from './summary.js'

/** The text of one column of the predictions file for one record. */
type CellWriter = (row: RawRow, score: number, confidence: number, label: number) => string

/** Compiled once a part: a result column by its name, any other as it stands in the row. */
function cellWriter(
  { model, definition, date }: OpenScoring,
  { spec, input, timestamp, outputFormat }: PartitionJob,
  column: string,
): CellWriter {
  const scoreText = model.plan.scores.type === 'float32' ? float32Text : String
  const text = outputFormat === 'csv' ? String : JSON.stringify
  const labels = model.classes.map((label) => text(label))
  const place = outputFormat === 'csv' ? String : JSON.stringify
  const results: Readonly<Record<ResultColumn, CellWriter>> = {
    line: ({ line }) => place(placeOf(input.set, line)),
    prediction:
      definition.model.task.kind === 'regression' ? (_, score) => scoreText(score) : (_row, _score, _confidence, label) => labels[label]!,
    probability: (_cells, _score, confidence) => scoreText(confidence),
    score: (_, score) => scoreText(score),
    timestamp: () => text(timestamp),
    model_version: () => text(spec.modelVersion),
  }
  if (Object.hasOwn(results, column)) return results[column as ResultColumn]
  const position = input.positions[column]!
  if (outputFormat === 'csv') return ({ cells }) => cells?.[position] ?? ''
  const read = jsonCell(definition.input.columns[column]!, date)
  return ({ cells }) => read(cells?.[position] ?? '')
}

const UNKNOWN_LABEL: Slot['problems'][number] = {
  column: 'prediction',
  rule: 'prediction.unknown',
  reason: 'the model answered with a label that is none of the classes',
  value: '',
}

/** Collects one part and writes it. */
export class PartWriter {
  private readonly names: ReturnType<typeof partFiles>
  private readonly predictions: OpenFile
  private readonly rejects: OpenFile
  private readonly keys: OpenFile
  private readonly scores: OpenFile | undefined
  private readonly batches: BatchSummary[] = []
  private readonly findings = new Map<string, Finding>()
  private readonly ruleRows: Record<string, number> = {}
  private readonly classCounts: number[]
  private readonly scoreBins = new Array<number>(SCORE_BINS).fill(0)
  private readonly writers: readonly CellWriter[]
  /** Position of `timestamp` among the columns, which the digest leaves out; -1: it is not written. */
  private readonly timestampAt: number
  private readonly hashedColumns: readonly string[]
  private readonly keyPosition: number
  private counts = { records: 0, predicted: 0, rejected: 0, invalid: 0, highConfidence: 0, lowConfidence: 0 }
  private minScore = Number.POSITIVE_INFINITY
  private maxScore = Number.NEGATIVE_INFINITY

  constructor(
    private readonly opened: OpenScoring,
    private readonly job: PartitionJob,
  ) {
    const { task } = opened.definition.model
    this.names = partFiles(job.folder, job.partition)
    this.predictions = new OpenFile(this.names.predictions)
    this.rejects = new OpenFile(this.names.rejects)
    this.keys = new OpenFile(this.names.keys)
    this.scores = hasScore(task) && !hasProbability(task) ? new OpenFile(this.names.scores) : undefined
    this.writers = job.columns.map((column) => cellWriter(opened, job, column))
    this.timestampAt = job.columns.indexOf('timestamp')
    this.hashedColumns = job.columns.filter((column) => column !== 'timestamp')
    this.classCounts = new Array<number>(Math.max(1, opened.model.classes.length)).fill(0)
    this.keyPosition = job.input.positions[opened.definition.input.key ?? ''] ?? -1
  }

  addBatch(slots: readonly Slot[], scores: Scores): void {
    const lines = new BatchLines()
    const rejectLines = new BatchLines()
    let [scoreSum, confidenceSum] = [0, 0]
    const values: number[] = []
    const keys: string[] = []
    slots.forEach((slot, index) => {
      this.counts.records += 1
      const key = slot.row.cells?.[this.keyPosition]
      if (key !== undefined && key.trim() !== '') keys.push(`${slot.row.line}\t${JSON.stringify(key)}\n`)
      const problems = slot.problems.length > 0 ? slot.problems : this.scoreProblems(scores, index)
      if (problems.length > 0) {
        rejectLines.add(this.reject({ ...slot, problems }, key ?? ''))
        return
      }
      const score = scores.score[index]!
      const confidence = scores.confidence[index]!
      if (!Number.isNaN(score)) scoreSum += score
      this.countScore(score, scores.label[index]!)
      if (!Number.isNaN(confidence)) {
        confidenceSum += confidence
        this.countConfidence(confidence)
      }
      if (this.scores) values.push(score)
      this.writePrediction(slot.row, score, confidence, scores.label[index]!, lines)
    })
    this.keys.write(keys.join(''))
    this.predictions.write(lines.text)
    this.rejects.write(rejectLines.text)
    this.scores?.write(Buffer.from(new Float64Array(values).buffer))
    this.batches.push({ predictions: lines.digest(), rejects: rejectLines.digest(), scoreSum, confidenceSum })
  }

  /** NaN, Infinity or a number outside the task's range is a reject, never a prediction. */
  private scoreProblems(scores: Scores, index: number): Slot['problems'] {
    const { task } = this.opened.definition.model
    const score = scores.score[index]!
    if (!hasScore(task)) return scores.label[index]! < 0 ? [UNKNOWN_LABEL] : []
    const problem = (rule: string, reason: string) => [{ column: 'prediction', rule, reason, value: String(score) }]
    if (scores.label[index]! < 0 || !Number.isFinite(score)) return problem('score.not-finite', `the model answered ${score}`)
    if (task.kind !== 'regression') return []
    if (task.min !== undefined && score < task.min) return problem('prediction.min', `the model answered ${score}, below ${task.min}`)
    if (task.max !== undefined && score > task.max) return problem('prediction.max', `the model answered ${score}, above ${task.max}`)
    return []
  }

  private reject({ row, problems }: Slot, key: string): string {
    const first = problems[0]!
    const place = placeOf(this.job.input.set, row.line)
    for (const { column, rule, value } of problems) addFinding(this.findings, column, rule, [place], 1, value)
    countRules(this.ruleRows, problems)
    this.counts.rejected += 1
    if (!/^(feature|score|prediction|model)\./.test(first.rule)) this.counts.invalid += 1
    const reason = problems.map((problem) => problem.reason).join('; ')
    const { neutralizeFormulas = true } = this.opened.definition.output ?? {}
    const cells = { line: String(place), key, column: first.column, rule: first.rule, reason, raw: row.raw }
    return rejectLine(cells, this.job.outputFormat, neutralizeFormulas ? spreadsheetSafe : String)
  }

  private countScore(score: number, label: number): void {
    this.counts.predicted += 1
    this.classCounts[label] = (this.classCounts[label] ?? 0) + 1
    if (Number.isNaN(score)) return
    this.minScore = Math.min(this.minScore, score)
    this.maxScore = Math.max(this.maxScore, score)
    const bin = Math.min(SCORE_BINS - 1, Math.max(0, Math.floor(score * SCORE_BINS)))
    this.scoreBins[bin]! += 1
  }

  private countConfidence(confidence: number): void {
    if (confidence > this.job.confidenceLimits.high) this.counts.highConfidence += 1
    if (confidence < this.job.confidenceLimits.low) this.counts.lowConfidence += 1
  }

  private writePrediction(row: RawRow, score: number, confidence: number, label: number, lines: BatchLines): void {
    const texts = this.writers.map((write) => write(row, score, confidence, label))
    const whole = this.line(this.job.columns, texts)
    lines.add(whole, this.timestampAt < 0 ? whole : this.line(this.hashedColumns, texts.toSpliced(this.timestampAt, 1)))
  }

  private line(columns: readonly string[], texts: readonly string[]): string {
    return this.job.outputFormat === 'csv' ? csvLine(texts) : jsonLine(columns, texts)
  }

  /** Makes the files whole, the summary last. */
  finish(nullCounts: Readonly<Record<string, number>>): PartSummary {
    const summary: PartSummary = {
      partition: this.job.partition,
      ...this.counts,
      nullCounts,
      findings: [...this.findings.values()],
      ruleRows: this.ruleRows,
      batches: this.batches,
      classCounts: this.classCounts,
      minScore: this.minScore,
      maxScore: this.maxScore,
      scoreBins: this.scoreBins,
    }
    for (const file of [this.predictions, this.rejects, this.keys, this.scores]) file?.keep()
    const temporary = temporaryName(this.names.summary)
    writeFileSync(temporary, summaryText(summary))
    renameSync(temporary, this.names.summary)
    return summary
  }

  close(): void {
    for (const file of [this.predictions, this.rejects, this.keys, this.scores]) file?.discard()
  }
}

/** Lines of a micro-batch as they are written, and as they are hashed: predictions without their timestamp. */
class BatchLines {
  private readonly written: string[] = []
  private readonly hashed: string[] = []

  add(written: string, hashed = written): void {
    this.written.push(written)
    this.hashed.push(hashed)
  }

  get text(): string {
    return this.written.join('')
  }

  digest(): string {
    return createHash('sha256').update(this.hashed.join('')).digest('hex')
  }
}

/** A file being written under a temporary name. */
class OpenFile {
  private readonly temporary: string
  private descriptor: number | undefined

  constructor(private readonly name: string) {
    this.temporary = temporaryName(name)
    this.descriptor = openSync(this.temporary, 'wx')
  }

  write(content: string | Buffer): void {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    for (let written = 0; written < bytes.length; ) written += writeSync(this.descriptor!, bytes, written)
  }

  keep(): void {
    fsyncSync(this.descriptor!)
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
