/** A mail is read as its sender meant it, and one that nobody can read is shown as it came. */
import { expect, test } from 'vitest'
import { readMail } from '../../../../worker/dev/inbox/readMail.js'

const read = (...lines: string[]) => readMail(Buffer.from(lines.join('\r\n')))
const base64 = (text: string) => Buffer.from(text).toString('base64')

test('both forms of a mail are found, however deep they lie and however they are encoded', async () => {
  const mail = await read(
    'Subject: =?utf-8?Q?Gr=C3=B6=C3=9Fe?= =?utf-8?B?5aSn5bCP?=',
    'Content-Type: multipart/mixed; boundary="out er"',
    '',
    'a preamble, which nobody sees',
    '--out er',
    'Content-Type: multipart/alternative;',
    ' boundary=inner',
    '',
    '--inner',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Gr=C3=B6=C3=9Fe =3D 1, a line that is =',
    'broken',
    '--inner',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    base64('<p>大小</p>'),
    '--inner--',
    '--out er--',
  )
  expect(mail).toEqual({ subject: 'Größe大小', text: 'Größe = 1, a line that is broken', html: '<p>大小</p>' })
})

test('a mail of one part, raw bytes and another character set are no riddles', async () => {
  expect(await read('Subject: x', '', 'Größe')).toEqual({ subject: 'x', text: 'Größe' })
  expect(await read('Subject: x', 'Content-Type: text/html', '', '<b>y</b>')).toEqual({ subject: 'x', text: '', html: '<b>y</b>' })
  const head = 'Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
  expect((await readMail(Buffer.from(`${head}Gr\u00f6\u00dfe`, 'latin1'))).text).toBe('Größe')
})

test('an attachment is passed over', async () => {
  const { text, html } = await read(
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'see the file',
    '--b',
    'Content-Type: text/html; name=report.html',
    'Content-Disposition: attachment; filename=report.html',
    '',
    '<p>the file</p>',
    '--b--',
  )
  expect({ text, html }).toEqual({ text: 'see the file', html: undefined })
})

test('what is no mail, or breaks off, is read as far as it goes', async () => {
  expect(await read('')).toEqual({ subject: '', text: '' })
  expect(await read('Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'cut')).toMatchObject({ text: 'cut' })
  expect(await read('Content-Transfer-Encoding: base64', '', 'not base64!')).toMatchObject({ subject: '' })
})

test('parts within parts without end are shown as they came', async () => {
  const nested = 'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n'.repeat(500)
  expect(await read(nested)).toEqual({ subject: '', text: nested })
})
