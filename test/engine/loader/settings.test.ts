import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from '../../../engine/loader/settings.js'
import { problemOf } from './definitions.js'

test('without any variable there are defaults for all that needs one', () => {
  expect(readSettings({})).toEqual({
    home: resolve('output'),
    pipelines: resolve('pipelines'),
    name: 'daybreak',
    threads: availableParallelism(),
    mailTo: [],
    logFormat: 'text',
    secret: expect.any(Function),
  })
})

test('a variable that is set to nothing is not set', () => {
  expect(readSettings({ DAYBREAK_HOME: '', DAYBREAK_THREADS: '', DAYBREAK_REPORT_URL: '' })).toMatchObject({ home: resolve('output') })
  expect(readSettings({ WEBHOOK: '' }).secret('WEBHOOK')).toBeUndefined()
})

test('an option of the command line wins over the environment', () => {
  const env = { DAYBREAK_HOME: '/from/env', DAYBREAK_PIPELINES: '/pipelines' }
  expect(readSettings(env, { home: '/from/option' })).toMatchObject({ home: '/from/option', pipelines: '/pipelines' })
  expect(readSettings(env, { home: undefined })).toMatchObject({ home: '/from/env' })
})

test('mail goes to every address of a list', () => {
  expect(readSettings({ DAYBREAK_MAIL_TO: 'a@example.org, b@example.org,' }).mailTo).toEqual(['a@example.org', 'b@example.org'])
})

test('all variables that are wrong are named at once, and no value is repeated', async () => {
  const env = {
    DAYBREAK_NAME: 'two words',
    DAYBREAK_THREADS: '0',
    DAYBREAK_REPORT_URL: 'file:///secret',
    DAYBREAK_LOG_FORMAT: 'xml',
    DAYBREAK_METRICS_ADDRESS: 'somewhere',
  }
  const { code, details, next } = await problemOf(() => readSettings(env))
  expect(code).toBe('UsageInvalid')
  expect(details.map((detail) => detail.split(':')[0])).toEqual(Object.keys(env))
  expect(details.join()).not.toMatch(/two words|secret|somewhere/)
  expect(next).toContain('.env.example')
})

test('a secret is asked for by its name, and is no part of what is logged', () => {
  const settings = readSettings({ WEBHOOK: 'https://hooks.example.org/secret' })
  expect(settings.secret('WEBHOOK')).toBe('https://hooks.example.org/secret')
  expect(JSON.stringify(settings)).not.toContain('secret')
})
