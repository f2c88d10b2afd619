/** A command connects to the Temporal server here, and learns what the server's silence means. */
import { Client, type Connection, isGrpcServiceError, ServiceError, type WorkflowHandle } from '@temporalio/client'
import type { QueryDefinition } from '@temporalio/common'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { connectClient, type TemporalTarget } from '../../worker/temporalConnection.js'

export interface Server {
  readonly client: Client
  readonly connection: Connection
  readonly target: TemporalTarget
  close(): Promise<void>
}

/** A server that is away this long is not waited for; what was started goes on without us. */
export const SERVER_AWAY_MS = 15_000
/** A query of a workflow whose worker is gone would take 30 s. */
const QUERY_TIMEOUT_MS = 2000

/** Connects to the server. @throws ServerUnreachable */
export async function openServer(target: TemporalTarget): Promise<Server> {
  // The client's own retries wait in timers that throw, uncaught, once the connection is closed. Who follows a run tries again itself.
  const connectionOptions = { ...target.connectionOptions, interceptors: [] }
  const connection = await connectClient({ ...target, connectionOptions })
  return { client: new Client({ connection, namespace: target.namespace }), connection, target, close: () => connection.close() }
}

/** Queries a workflow. @returns `undefined` when nobody answers in time, for whatever reason */
export async function ask<Answer>(server: Server, handle: WorkflowHandle, query: QueryDefinition<Answer>): Promise<Answer | undefined> {
  return await server.client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => handle.query(query)).catch(() => undefined)
}

/** Tells whether the connection or the server is to blame. The client wraps what gRPC says in an error of its own. */
export function isServerError(error: unknown): error is Error {
  return isGrpcServiceError(error) || error instanceof ServiceError
}

/** Makes an error of the connection one of ours; any other error stays as it is. */
export function serverError(server: Pick<Server, 'target'>, error: unknown): unknown {
  if (!isServerError(error)) return error
  const said = error instanceof ServiceError ? error.cause : error
  return new DaybreakError(
    'ServerUnreachable',
    `the Temporal server at ${server.target.address} does not answer: ${isGrpcServiceError(said) ? said.details : error.message}`,
    {
      cause: error,
      next: 'A run that was started goes on by itself once the server is back. Look with daybreak status.',
    },
  )
}
