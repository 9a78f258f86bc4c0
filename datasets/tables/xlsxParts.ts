import { StrandError } from '../errors.ts'
import type { Member, MemberFault } from '../importing/members.ts'
import { megabytes } from '../importing/source.ts'

/** Of the parts of a workbook that are read whole: names, styles, shared texts. */
const LONGEST_PART = 128 * 1_048_576

/** What a sheet's cells point into (ECMA-376, SpreadsheetML). */
export interface Workbook {
  /** The first sheet, by place in the workbook. */
  sheet: { name: string; member: Member }
  others: string[]
  strings: string[]
  /** By cell style: it shows a date or a time. */
  dates: boolean[]
  /** Days count from 1904 instead of 1900. */
  from1904: boolean
}

export async function readWorkbook(file: string, members: readonly (Member | MemberFault)[]): Promise<Workbook> {
  const part = async (name: string): Promise<string | null> => {
    const member = members.find((one): one is Member => !('fault' in one) && one.name === `${file}/${name}`)
    return member ? readPart(file, member) : null
  }
  const book = await part('xl/workbook.xml')
  const links = await part('xl/_rels/workbook.xml.rels')
  if (book === null || links === null) throw damaged(file, 'it has no list of sheets')
  const sheets = [...book.matchAll(/<(?:\w+:)?sheet\s[^>]*>/g)].map(([tag]) => ({
    name: unescape(attribute(tag, 'name') ?? ''),
    id: attribute(tag, 'r:id') ?? '',
  }))
  const targets = new Map(
    [...links.matchAll(/<Relationship\s[^>]*>/g)].map(([tag]) => [attribute(tag, 'Id'), attribute(tag, 'Target') ?? '']),
  )
  const [first, ...rest] = sheets
  const target = first && targets.get(first.id)?.replace(/^\/?(xl\/)?/, '')
  const member = members.find((one): one is Member => !('fault' in one) && one.name === `${file}/xl/${target}`)
  if (!first || !member) throw damaged(file, 'its first sheet is missing')
  return {
    sheet: { name: first.name, member },
    others: rest.map(({ name }) => name),
    strings: sharedStrings((await part('xl/sharedStrings.xml')) ?? ''),
    dates: dateStyles((await part('xl/styles.xml')) ?? ''),
    from1904: /<(?:\w+:)?workbookPr\s[^>]*date1904="(1|true)"/.test(book),
  }
}

async function readPart(file: string, member: Member): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of member.read(false)) {
    length += piece.length
    if (length > LONGEST_PART)
      throw new StrandError(
        'import/too-large',
        `${file} holds more than ${megabytes(LONGEST_PART)} of texts, which have to be in memory at once. Save the sheet as CSV.`,
        { file },
      )
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

export const damaged = (file: string, why: string): StrandError =>
  new StrandError('import/truncated', `${file} is a damaged workbook: ${why}. Nothing was imported; save it again, or as CSV.`, { file })

export function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

export function unescape(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? whole
    const code = name[1].toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
  })
}

/** The text of a rich or plain string; hints on pronunciation left out. */
export function textIn(xml: string): string {
  const plain = xml.replace(/<(\w+:)?rPh\b[\s\S]*?<\/(\w+:)?rPh>/g, '')
  return [...plain.matchAll(/<(?:\w+:)?t(?:\s[^>]*)?>([\s\S]*?)<\/(?:\w+:)?t>/g)].map(([, text]) => unescape(text)).join('')
}

const sharedStrings = (xml: string): string[] =>
  [...xml.matchAll(/<(?:\w+:)?si\b[^>]*?(?:\/>|>([\s\S]*?)<\/(?:\w+:)?si>)/g)].map(([, inside]) => textIn(inside ?? ''))

/** Which cell styles show a date: the built-in formats, and codes with letters of a date outside quotes and brackets. */
function dateStyles(xml: string): boolean[] {
  const codes = new Map<number, boolean>()
  for (const [tag] of xml.matchAll(/<(?:\w+:)?numFmt\s[^>]*>/g)) {
    const code = unescape(attribute(tag, 'formatCode') ?? '').replace(/"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]/gi, '')
    codes.set(Number(attribute(tag, 'numFmtId')), /[ymdhs]/i.test(code) && !/general/i.test(code))
  }
  const cells = /<(?:\w+:)?cellXfs\b[\s\S]*?<\/(?:\w+:)?cellXfs>/.exec(xml)?.[0] ?? ''
  return [...cells.matchAll(/<(?:\w+:)?xf\s[^>]*>/g)].map(([tag]) => {
    const id = Number(attribute(tag, 'numFmtId'))
    return codes.get(id) ?? ((id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58))
  })
}
