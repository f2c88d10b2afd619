/** A day's run is started the same way, whoever starts it: client, schedule or backfill. */
import { TypedSearchAttributes } from '@temporalio/common'
import { dayIds, SEARCH_ATTRIBUTES, taskQueues } from '../engine/protocol/ids.js'
import type { DayRequest } from '../engine/protocol/steps.js'
import type { DailyPredictionInput } from './dailyPrediction.js'

/** Makes the options of the workflow `dailyPrediction`, for a client and for a parent alike. @param name the installation's */
export function dayStart(name: string, input: DailyPredictionInput) {
  const { request, searchAttributes } = input
  const { pipeline, date, kind } = request
  return {
    workflowId: dayIds.make({ name, pipeline, date }),
    taskQueue: taskQueues(name).main,
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
  return new TypedSearchAttributes([
    keyword(SEARCH_ATTRIBUTES.date, date),
    keyword(SEARCH_ATTRIBUTES.pipeline, pipeline),
    keyword(SEARCH_ATTRIBUTES.kind, kind),
  ])
}
