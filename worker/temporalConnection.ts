/**
 * The Temporal server is found by `TEMPORAL_ADDRESS`, its other variables and the SDK's own profile files, or by an address from a
 * caller that must not look at the environment (demo, tests).
 */
import { connect } from 'node:net'
import { Connection } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import type { NativeConnectionOptions } from '@temporalio/worker'
import { DaybreakError } from '../engine/protocol/errors.js'
import { messageOf } from '../engine/protocol/systemErrors.js'

/** A server that does not answer in this time is not there. */
const CONNECT_TIMEOUT_MS = 5000

export interface TemporalTarget {
  readonly address: string
  readonly namespace: string
  readonly connectionOptions: NativeConnectionOptions
}

/** Reads the target that the environment names; when it names none, it is the local default, 127.0.0.1:7233. @throws UsageInvalid */
export function temporalTarget(env: NodeJS.ProcessEnv): TemporalTarget {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: definedOnly(env) })
    const address = connectionOptions.address ?? '127.0.0.1:7233'
    return { address, namespace: namespace ?? 'default', connectionOptions: { ...connectionOptions, address } as NativeConnectionOptions }
  } catch (error) {
    throw new DaybreakError('UsageInvalid', `Temporal's settings cannot be used: ${messageOf(error)}`, {
      next: 'Check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS… and the profile file.',
    })
  }
}

/** Makes a target that the environment has no say in. */
export function fixedTarget(address: string): TemporalTarget {
  return { address, namespace: 'default', connectionOptions: { address } }
}

/** Connects a client. @throws ServerUnreachable naming the address */
export async function connectClient(target: TemporalTarget): Promise<Connection> {
  await mustListen(target)
  return await reached(target, () => Connection.connect({ ...target.connectionOptions, connectTimeout: CONNECT_TIMEOUT_MS } as never))
}

/** A refused connection is proof at once, where gRPC would try again until its time is up. */
async function mustListen(target: TemporalTarget): Promise<void> {
  const { hostname, port } = new URL(`tcp://${target.address}`)
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 7233), timeout: CONNECT_TIMEOUT_MS })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject)
      socket.once('timeout', () => reject(new Error(`no answer within ${CONNECT_TIMEOUT_MS} ms`)))
    })
  } catch (error) {
    throw unreachable(target, error)
  } finally {
    socket.destroy()
  }
}

function unreachable(target: TemporalTarget, cause: unknown): DaybreakError {
  return new DaybreakError('ServerUnreachable', `no Temporal server answers at ${target.address}`, { cause })
}

/** Turns what a connection says when nobody is there into our error. @throws ServerUnreachable naming the address */
export async function reached<T>(target: TemporalTarget, connect: () => Promise<T>): Promise<T> {
  try {
    return await connect()
  } catch (error) {
    throw unreachable(target, error)
  }
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
