/** Every run of a day has a result, however it ended: it gave one, its failure carries one, its memo keeps one, or one is made for it. */
import { setTimeout as delay } from 'node:timers/promises'
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client'
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { ERRORS } from '../../engine/protocol/errorTable.js'
import { dayIds } from '../../engine/protocol/ids.js'
import type { DayResult } from '../../engine/protocol/steps.js'
import { isServerError, SERVER_AWAY_MS, type Server, serverError } from './openServer.js'

/** Waits for the end of the run, over short absences of the server too. @throws ServerUnreachable; whatever a wait that was cut throws */
export async function dayResult(
  server: Server,
  handle: WorkflowHandle,
  stop: AbortSignal = new AbortController().signal,
): Promise<DayResult> {
  let awayMs: number | undefined
  for (;;) {
    try {
      return (await handle.result()) as DayResult
    } catch (error) {
      if (error instanceof WorkflowFailedError) return await endedAs(handle, error)
      if (!isServerError(error) || stop.aborted) throw error
      awayMs ??= Date.now()
      if (Date.now() - awayMs > SERVER_AWAY_MS) throw serverError(server, error)
      await delay(1000)
    }
  }
}

/** Finds the result of a run that ended as failed, cancelled or terminated. */
async function endedAs(handle: WorkflowHandle, { cause }: WorkflowFailedError): Promise<DayResult> {
  const { pipeline = '', date = '' } = dayIds.parse(handle.workflowId) ?? {}
  if (cause instanceof ApplicationFailure) {
    const [result] = (cause.details ?? []) as DayResult[]
    return result ?? withoutResult(pipeline, date, new DaybreakError('Unexpected', cause.message))
  }
  if (cause instanceof CancelledFailure) {
    const { memo } = await handle.describe()
    return (memo?.result as DayResult | undefined) ?? withoutResult(pipeline, date, new DaybreakError('Cancelled', 'the run was cancelled'))
  }
  const what =
    cause instanceof TerminatedFailure ? 'the run was terminated on the server' : (cause?.message ?? 'the run ended without a result')
  return withoutResult(pipeline, date, new DaybreakError('RunTerminated', what))
}

/** Makes the result of a run that could not say itself what became of it. */
function withoutResult(pipeline: string, date: string, { problem }: DaybreakError): DayResult {
  return { pipeline, date, verdict: ERRORS[problem.code].verdict, published: false, alreadyPublished: false, problem }
}
