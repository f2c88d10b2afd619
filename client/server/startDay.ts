/** A day's run by Temporal is started here, or the one that is going on is joined. */
import { WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client'
import type { Settings } from '../../engine/loader/settings.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { WORKFLOW_TYPES } from '../../engine/protocol/ids.js'
import type { DayRequest } from '../../engine/protocol/steps.js'
import { hasSearchAttributes } from '../../worker/searchAttributes.js'
import { dayStart } from '../../workflows/dayStart.js'
import { type Server, serverError } from './openServer.js'

export interface StartedDay {
  readonly handle: WorkflowHandle
  /** It was going on already. */
  readonly joined: boolean
}

/** Starts the run, or joins the one that is going on. @throws RunConflict when that one cannot be what was asked for */
export async function startDay(server: Server, settings: Settings, request: DayRequest): Promise<StartedDay> {
  const searchAttributes = await hasSearchAttributes(server.connection, server.target.namespace).catch(() => false)
  const options = dayStart(settings.name, { request, searchAttributes, ...(settings.temporalUi ? { ui: settings.temporalUi } : {}) })
  try {
    const handle = await server.client.workflow.start(WORKFLOW_TYPES.day, { ...options, workflowIdConflictPolicy: 'FAIL' })
    return { handle, joined: false }
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw serverError(server, error)
    const handle = server.client.workflow.getHandle(options.workflowId)
    if (request.input !== undefined || request.rerun) {
      throw new DaybreakError(
        'RunConflict',
        `${request.pipeline} ${request.date} is running already, and joining it would not ${request.rerun ? 'rerun it' : 'use your --input'}`,
      )
    }
    return { handle, joined: true }
  }
}
