/**
 * A run and a backfill answer these queries and updates. They are typed objects: the workflows handle them, the client sends them, and
 * neither spells a name. The file loads none of Temporal's code, because a command that imports it must start fast.
 */
import type { QueryDefinition, UpdateDefinition } from '@temporalio/common'
import type { BackfillProgress } from '../engine/protocol/backfill.js'
import type { DayProgress } from '../engine/protocol/steps.js'

/** What a look at once for the input came to. */
export interface ArrivedAnswer {
  readonly found: boolean
  /** What was found, or why not. */
  readonly message: string
}

export interface By {
  readonly by: string
}

export interface StopRequest extends By {
  /** `finish`: days under way go to their end. `cancel`: they are cancelled, and end with a report. */
  readonly days: 'finish' | 'cancel'
}

/** Where a day's run stands. */
export const dayProgressQuery = query<DayProgress>('progress')

/** Somebody says that the input is there: the run looks at once, without `settle`. */
export const arrivedUpdate = update<ArrivedAnswer, []>('arrived')

/** Where a backfill stands. Each of its updates answers the same, as it is afterwards. */
export const backfillProgressQuery = query<BackfillProgress>('backfillProgress')

export const beginUpdate = update<BackfillProgress, [By]>('begin')
export const pauseUpdate = update<BackfillProgress, [By]>('pause')
export const resumeUpdate = update<BackfillProgress, [By]>('resume')
export const stopUpdate = update<BackfillProgress, [StopRequest]>('stop')

function query<Answer>(name: string) {
  return { type: 'query', name } as QueryDefinition<Answer>
}

function update<Answer, Args extends unknown[]>(name: string) {
  return { type: 'update', name } as UpdateDefinition<Answer, Args>
}
