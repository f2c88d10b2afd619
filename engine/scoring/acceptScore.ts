/**
 * Decides which answer of a model is a prediction. NaN, Infinity, a label that is none of the classes and a number outside the task's
 * limits reject their record. Days, golden rows and requests all ask here, so that they cannot differ.
 */
import { hasScore, predictionLimits, type Task } from '../../definition/tasks.js'
import type { CellProblem } from '../table/decode.js'

const NONE: readonly CellProblem[] = []

const UNKNOWN_LABEL: CellProblem = {
  column: 'prediction',
  rule: 'prediction.unknown',
  reason: 'the model answered with a label that is none of the classes',
  value: '',
}

/** Holds what one task accepts. It is made once, because it is asked for every record. */
export class ScoreAcceptance {
  private readonly least: number
  private readonly most: number

  constructor(private readonly task: Task) {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = predictionLimits(task)
    this.least = min
    this.most = max
  }

  /**
   * Says quickly whether the answer is a finite score within the limits, of a known class. Such an answer is a prediction. For any other
   * answer `problems` decides, because a model that gives only labels has no score.
   * @param label index into the classes; -1 when it is none of them
   */
  isPlain(score: number, label: number): boolean {
    return label >= 0 && score - score === 0 && score >= this.least && score <= this.most
  }

  /**
   * Says why an answer is no prediction; the list is empty when it is one.
   * @param label index into the classes; -1 when it is none of them
   */
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
