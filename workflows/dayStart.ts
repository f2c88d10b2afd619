/** How a day's run is started, whoever starts it: client, schedule or backfill. */
import { TypedSearchAttributes } from '@temporalio/common'
import type { DayRequest } from '../engine/protocol/steps.js'
import type { DailyPredictionInput } from './dailyPrediction.js'

/** Guards concurrency only: one live run a pipeline and date. `name` is the installation's. */
export function dayWorkflowId(name: string, pipeline: string, date: string): string {
  return `${name}/predict/${pipeline}/${date}`
}

/** Options of the workflow `dailyPrediction`, for a client and for a parent alike. */
export function dayStart(name: string, input: DailyPredictionInput) {
  const { request, searchAttributes } = input
  const { pipeline, date, kind } = request
  return {
    workflowId: dayWorkflowId(name, pipeline, date),
    taskQueue: name,
    args: [input] as [DailyPredictionInput],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    // A worker killed inside a workflow task holds it this long; 10 s would be most of a recovery.
    workflowTaskTimeout: '5s',
    staticSummary: `${pipeline} ${date} (${kind})`,
    ...(searchAttributes ? { typedSearchAttributes: searchAttributesOf(request) } : {}),
  } as const
}

function searchAttributesOf({ date, pipeline, kind }: DayRequest): TypedSearchAttributes {
  const keyword = (name: string, value: string) => ({ key: { name, type: 'KEYWORD' as const }, value })
  return new TypedSearchAttributes([keyword('DataDate', date), keyword('Pipeline', pipeline), keyword('RunKind', kind)])
}
