/** Runs are found by search attributes. Whoever may registers them; without them runs work and are only harder to find. */
import type { Connection } from '@temporalio/client'
import type { NativeConnection } from '@temporalio/worker'
import { SEARCH_ATTRIBUTE_NAMES } from '../engine/protocol/ids.js'
import { messageOf } from '../engine/protocol/systemErrors.js'

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2

/** Tells whether all are registered, as Keyword. */
export async function hasSearchAttributes(connection: Connection | NativeConnection, namespace: string): Promise<boolean> {
  return (await missing(connection, namespace)).length === 0
}

/** Registers what is missing. @returns why the attributes cannot be used, `undefined` when they can */
export async function registerSearchAttributes(connection: Connection | NativeConnection, namespace: string): Promise<string | undefined> {
  try {
    const names = await missing(connection, namespace)
    if (names.length === 0) return undefined
    const searchAttributes = Object.fromEntries(names.map((name) => [name, KEYWORD]))
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes })
    const left = await missing(connection, namespace)
    return left.length === 0 ? undefined : `${left.join(', ')} exist with another type than Keyword`
  } catch (error) {
    return messageOf(error)
  }
}

async function missing(connection: Connection | NativeConnection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  return SEARCH_ATTRIBUTE_NAMES.filter((name) => customAttributes[name] !== KEYWORD)
}
