/** Makes words of whatever comes from files, models and names, fit to be shown anywhere and the same wherever they are shown. */

/** Writes control characters out, so that a text can be shown anywhere. */
export function visibleText(text: string): string {
  return [...text]
    .map((character) =>
      /[\p{Cc}\p{Cf}\p{Cs}]/u.test(character) ? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}` : character,
    )
    .join('')
}

/** Cuts a value that is too long to show, and says its length. */
export function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length} characters)` : text
}

/** So much of a value is enough to find it by. */
const SHOWN_CHARACTERS = 80

export const upperFirst = (text: string): string => text.replace(/^./u, (first) => first.toUpperCase())

/** Writes a name that is a key in a file as people read it: `late_payment` is `late payment`. */
export const asWords = (name: string): string => name.replaceAll('_', ' ')
