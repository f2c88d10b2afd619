/**
 * Compares the predictions of two attempts of a date, record by record: what was added, what is gone, which labels changed, and by how much
 * the scores moved. Records are matched by key. Files in the same order are compared in bounded memory.
 */
import { TASK_FACTS } from '../../definition/tasks.js'
import type { PipelineInfo } from '../protocol/documents/manifest.js'
import { readPredictions } from '../table/readPredictions.js'

export interface LabelChange {
  readonly key: string
  readonly from: string
  readonly to: string
}

export interface PredictionChanges {
  /** They are matched by position when the files do not have the key among their columns. */
  readonly matchedBy: 'key' | 'position'
  readonly compared: number
  readonly added: number
  readonly gone: number
  readonly labelsChanged: number
  /** Mean and largest absolute change of the score, over the records in both. `null` when there is no score to compare. */
  readonly meanChange: number | null
  readonly largestChange: { readonly key: string; readonly from: number; readonly to: number } | null
  /** The first few of each kind. */
  readonly examples: { readonly added: readonly string[]; readonly gone: readonly string[]; readonly labels: readonly LabelChange[] }
}

const EXAMPLES = 10

interface Row {
  readonly key: string
  readonly label: string | undefined
  readonly score: number | undefined
}

type Info = Pick<PipelineInfo, 'key' | 'task' | 'positive'>

export async function comparePredictions(before: readonly string[], after: readonly string[], info: Info): Promise<PredictionChanges> {
  const [left, right] = [rowsOf(before, info), rowsOf(after, info)]
  const changes = new Changes()
  const [waitingLeft, waitingRight] = [new Waiting(), new Waiting()]
  for (;;) {
    const [a, b] = await Promise.all([left.next(), right.next()])
    if (a.done && b.done) break
    const [one, other] = [a.done ? undefined : a.value, b.done ? undefined : b.value]
    if (one && other && one.key === other.key && !waitingRight.has(one.key) && !waitingLeft.has(one.key)) {
      changes.compare(one, other)
      continue
    }
    if (one) {
      const match = waitingRight.take(one.key)
      if (match) changes.compare(one, match)
      else waitingLeft.add(one)
    }
    if (other) {
      const match = waitingLeft.take(other.key)
      if (match) changes.compare(match, other)
      else waitingRight.add(other)
    }
  }
  return changes.result(info.key === undefined ? 'position' : 'key', waitingLeft, waitingRight)
}

/** Rows that have no partner yet, by key; of a key that occurs several times the first comes first. */
class Waiting {
  private readonly rows = new Map<string, Row[]>()
  count = 0

  has(key: string): boolean {
    return this.rows.has(key)
  }

  add(row: Row): void {
    this.count += 1
    const known = this.rows.get(row.key)
    if (known) known.push(row)
    else this.rows.set(row.key, [row])
  }

  take(key: string): Row | undefined {
    const known = this.rows.get(key)
    const row = known?.shift()
    if (row) this.count -= 1
    if (known?.length === 0) this.rows.delete(key)
    return row
  }

  firstKeys(): readonly string[] {
    return [...this.rows.keys()].slice(0, EXAMPLES)
  }
}

class Changes {
  private compared = 0
  private labelsChanged = 0
  private scored = 0
  private sum = 0
  private largest: PredictionChanges['largestChange'] = null
  private readonly labels: LabelChange[] = []

  compare(before: Row, after: Row): void {
    this.compared += 1
    if (before.label !== after.label) {
      this.labelsChanged += 1
      if (this.labels.length < EXAMPLES) this.labels.push({ key: after.key, from: before.label ?? '', to: after.label ?? '' })
    }
    if (before.score === undefined || after.score === undefined) return
    this.scored += 1
    const change = Math.abs(after.score - before.score)
    this.sum += change
    if (change > 0 && (!this.largest || change > Math.abs(this.largest.to - this.largest.from))) {
      this.largest = { key: after.key, from: before.score, to: after.score }
    }
  }

  result(matchedBy: PredictionChanges['matchedBy'], gone: Waiting, added: Waiting): PredictionChanges {
    const { compared, labelsChanged, largest: largestChange, labels } = this
    return {
      matchedBy,
      compared,
      added: added.count,
      gone: gone.count,
      labelsChanged,
      meanChange: this.scored === 0 ? null : this.sum / this.scored,
      largestChange,
      examples: { added: added.firstKeys(), gone: gone.firstKeys(), labels },
    }
  }
}

async function* rowsOf(files: readonly string[], { key, task, positive }: Info): AsyncGenerator<Row> {
  const isNumber = task !== undefined && !TASK_FACTS[task].classifies
  let columns: readonly string[] = []
  let position = 0
  const rows = readPredictions(files, (found) => {
    columns = found
  })
  for await (const cells of rows) {
    position += 1
    const cell = (name: string | undefined) => (name === undefined ? undefined : cells[columns.indexOf(name)])
    const prediction = cell('prediction')
    const score = isNumber ? prediction : (cell('score') ?? ofPositive(prediction, cell('probability'), positive))
    yield {
      key: cell(key) ?? String(position),
      label: isNumber ? undefined : prediction,
      score: score === undefined || score === '' ? undefined : Number(score),
    }
  }
}

/** `probability` is that of the predicted class; a change of label must not hide a change of score. */
function ofPositive(label: string | undefined, probability: string | undefined, positive: Info['positive']): string | undefined {
  if (probability === undefined || probability === '' || positive === undefined) return probability
  return label === String(positive) ? probability : String(1 - Number(probability))
}
