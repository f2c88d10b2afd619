/** Counts what a worker does, once for each step that finished. The Prometheus endpoint of Temporal's SDK serves it. */
import type { MetricMeter } from '@temporalio/common'
import type { Assembled, Sealed } from '../engine/protocol/steps.js'

interface FinishedStep {
  readonly step: string
  readonly pipeline: string
  readonly seconds: number
}

/** Counts a finished step, and what its result says of the run. */
export function countStep(meter: MetricMeter, { step, pipeline, seconds }: FinishedStep, result: unknown): void {
  meter.createHistogram('daybreak_step_seconds', 'float', 's', 'Seconds a step took').record(seconds, { pipeline, step })
  const count = (name: string, description: string, value: number, tags: Record<string, string> = {}) =>
    meter.createCounter(name, undefined, description).add(value, { pipeline, ...tags })
  if (step === 'seal') count('daybreak_runs', 'Runs that ended, by verdict', 1, { verdict: (result as Sealed).verdict })
  if (step === 'assemble') {
    const { read, predicted, rejected } = result as Assembled
    count('daybreak_rows_read', 'Rows read', read)
    count('daybreak_rows_predicted', 'Rows predicted', predicted)
    count('daybreak_rows_rejected', 'Rows rejected', rejected)
  }
}
