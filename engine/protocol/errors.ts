/**
 * `DaybreakError` is the one error that rooms throw. It carries a problem as plain data: what happened, where, all that was found, what to
 * do next.
 */
import { ERRORS, type ErrorCode } from './errorTable.js'
import { messageOf } from './systemErrors.js'

/** Where a problem is. Lines, columns and rows count from 1, as an editor shows them. */
export interface Place {
  readonly file?: string
  readonly line?: number
  readonly column?: string
}

/** A failure as plain data: what Temporal carries, `manifest.json` keeps and people read. */
export interface Problem {
  readonly code: ErrorCode
  /** What happened, with names and figures. One sentence. */
  readonly message: string
  /** All that was found, one sentence each. */
  readonly details: readonly string[]
  /** Lines of a file as they stand in it, made visible: for report and terminal, never for Temporal or a message. */
  readonly excerpt?: readonly string[]
  /** What to do next; the table's own sentence unless the place knows better. */
  readonly next: string
  readonly place?: Place
  /** The step in which it happened, once known. */
  readonly step?: string
  /** A further try makes no sense before this many milliseconds. */
  readonly retryAfterMs?: number
}

export interface ProblemOptions {
  readonly details?: readonly string[]
  readonly excerpt?: readonly string[]
  readonly next?: string
  readonly place?: Place
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** Everything that the error table knows is thrown as one. */
export class DaybreakError extends Error {
  override readonly name = 'DaybreakError'
  readonly problem: Problem

  constructor(code: ErrorCode, message: string, options: ProblemOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.problem = {
      code,
      message,
      details: options.details ?? [],
      next: options.next ?? ERRORS[code].next,
      ...(options.excerpt ? { excerpt: options.excerpt } : {}),
      ...(options.place ? { place: options.place } : {}),
      ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }),
    }
  }

  /** Makes the error of a problem that came as data. */
  static of(problem: Problem): DaybreakError {
    const { code, message, ...rest } = problem
    const error = new DaybreakError(code, message, rest)
    return problem.step ? error.inStep(problem.step) : error
  }

  /** Names the step in which the error happened. A step that is named already stays. */
  inStep(step: string): DaybreakError {
    if (!this.problem.step) Object.assign(this.problem, { step })
    return this
  }

  get code(): ErrorCode {
    return this.problem.code
  }
}

/** Writes the place of a problem as `file:line`, as far as it is known. */
export function placeText(place: Place | undefined): string {
  if (!place) return ''
  const line = place.line === undefined ? '' : `:${place.line}`
  const column = place.column === undefined ? '' : ` column ${place.column}`
  return `${place.file ?? ''}${line}${column}`.trim()
}

/** Makes any thrown value a `DaybreakError`. What is none becomes `Unexpected`. */
export function asDaybreakError(error: unknown): DaybreakError {
  if (error instanceof DaybreakError) return error
  return new DaybreakError('Unexpected', messageOf(error), { cause: error })
}
