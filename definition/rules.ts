/**
 * Anomaly rules are guard rails over the metrics of a day. A rule fires when the observed value is strictly below `below` or strictly above
 * `above`; exactly at a limit is no anomaly.
 */
import type { Label, TaskKind } from './tasks.js'

/**
 * What a rule that fires, or a result check that fails, does: publish and announce; seal the day and wait for somebody's word;
 * refuse the publication. The strictest of a day counts.
 */
export type RuleAction = 'warn' | 'hold' | 'fail'

/** The result checks that a definition may soften. That the file is there and has its rows is never negotiable. */
export const SOFT_CHECKS = ['prediction_values_valid', 'probability_range_valid', 'no_null_predictions', 'no_null_probabilities'] as const
export type SoftCheck = (typeof SOFT_CHECKS)[number]

export interface Limits {
  /** The rule fires strictly below this value. */
  readonly below?: number
  /** The rule fires strictly above this value. */
  readonly above?: number
  /** What happens then. @default 'warn' */
  readonly action?: RuleAction
}

/** How an observed value reads: a share of 1, a plain number, or a count. */
export type Unit = 'share' | 'number' | 'count'

interface RuleFacts {
  readonly unit: Unit
  /** What its limits are: shares from 0 to 1, numbers of rows, or any numbers. */
  readonly limits: 'shares' | 'rows' | 'numbers'
  /** Margins and bare labels have no probability to observe. */
  readonly needsProbability: boolean
}

export const RULE_FACTS = {
  'positive-rate': { unit: 'share', limits: 'shares', needsProbability: false },
  'mean-confidence': { unit: 'number', limits: 'shares', needsProbability: true },
  'low-confidence-share': { unit: 'share', limits: 'shares', needsProbability: true },
  'mean-prediction': { unit: 'number', limits: 'numbers', needsProbability: false },
  'row-count': { unit: 'count', limits: 'rows', needsProbability: false },
  'class-share': { unit: 'share', limits: 'shares', needsProbability: false },
} as const satisfies Readonly<Record<string, RuleFacts>>

export type RuleName = keyof typeof RULE_FACTS
export const RULE_NAMES = Object.keys(RULE_FACTS) as readonly RuleName[]

/** A rule that fits the tasks of kind `K`. */
export interface Rule<K extends TaskKind> extends Limits {
  readonly rule: RuleName
  readonly action: RuleAction
  /** For `class-share`: the class. */
  readonly label?: Label
  /** For `low-confidence-share`: confidence below this is low. @default the definition's `metrics.lowConfidence`, 0.6 */
  readonly limit?: number
  readonly fits: Readonly<Record<K, true>>
}

const BINARY = { binary: true } as const
const CLASSES = { binary: true, multiclass: true } as const
const REGRESSION = { regression: true } as const
const ALL = { binary: true, multiclass: true, regression: true } as const

function rule<K extends TaskKind>(name: RuleName, fits: Readonly<Record<K, true>>, limits: Limits, rest: object = {}): Rule<K> {
  return { ...limits, ...rest, rule: name, action: limits.action ?? 'warn', fits }
}

/** Share of records predicted positive, 0 to 1. */
export const positiveRate = (limits: Limits): Rule<'binary'> => rule('positive-rate', BINARY, limits)

/** Mean probability of the predicted class, 0 to 1. */
export const meanConfidence = (limits: Limits): Rule<'binary' | 'multiclass'> => rule('mean-confidence', CLASSES, limits)

/** Share of records whose confidence is below `limit`. */
export const lowConfidenceShare = (limits: Limits & { limit?: number }): Rule<'binary' | 'multiclass'> =>
  rule('low-confidence-share', CLASSES, limits)

/** Mean of the predicted numbers. */
export const meanPrediction = (limits: Limits): Rule<'regression'> => rule('mean-prediction', REGRESSION, limits)

/** Records in the file, good or bad. */
export const rowCount = (limits: Limits): Rule<TaskKind> => rule('row-count', ALL, limits)

/** Share of records predicted as one class. */
export const classShare = (label: Label, limits: Limits): Rule<'binary' | 'multiclass'> => rule('class-share', CLASSES, limits, { label })
