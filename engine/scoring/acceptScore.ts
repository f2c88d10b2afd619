/**
 * Which answer of a model is a prediction. NaN, Infinity, a label that is none of the classes and a number outside the task's limits reject
 * their record, wherever it comes from: a day, golden rows, a request.
 */
import { hasScore, type Task } from '../../definition/tasks.js'
import type { CellProblem } from '../table/decode.js'

const NONE: readonly CellProblem[] = []

const UNKNOWN_LABEL: CellProblem = {
  column: 'prediction',
  rule: 'prediction.unknown',
  reason: 'the model answered with a label that is none of the classes',
  value: '',
}

/** What a task accepts, made once: it is asked for every record. */
export class ScoreAcceptance {
  private readonly least: number
  private readonly most: number

  constructor(private readonly task: Task) {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = task.kind === 'regression' ? task : {}
    this.least = min
    this.most = max
  }

  /** Is it a finite score within the limits, of a class that is known? Such an answer has no problem; another may have none either. */
  isPlain(score: number, label: number): boolean {
    return label >= 0 && score - score === 0 && score >= this.least && score <= this.most
  }

  /** Why the answer is none; empty when it is a prediction. @param label index of the class; -1: none of them */
  problems(score: number, label: number): readonly CellProblem[] {
    const { task, least, most } = this
    if (!hasScore(task)) return label < 0 ? [UNKNOWN_LABEL] : NONE
    if (label < 0 || !Number.isFinite(score)) return problem(score, 'score.not-finite', '')
    if (score < least) return problem(score, 'prediction.min', `, below ${least}`)
    return score > most ? problem(score, 'prediction.max', `, above ${most}`) : NONE
  }
}

function problem(score: number, rule: string, why: string): readonly CellProblem[] {
  return [{ column: 'prediction', rule, reason: `the model answered ${score}${why}`, value: String(score) }]
}
