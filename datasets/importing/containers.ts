import { StrandError } from '../errors.ts'
import { HEAD_BYTES } from './fileBytes.ts'
import { isLitter, MOST_MEMBERS, type Member, type MemberFault } from './members.ts'
import { Source } from './source.ts'
import { isTar, listTar } from './tarArchive.ts'
import { listZip } from './zipArchive.ts'

/** What to do with a member that is not read: throws, or takes it into a report. */
export type OnFault = (fault: MemberFault) => void

/**
 * A path as the sources it stands for: the file itself, or the files of a ZIP or tar (plain, gzip, Zstandard, xz), told by content.
 * A ZIP that is a format of its own (NPZ, XLSX) stays one source, also compressed or in an archive. Files that archivers leave beside the data are passed over.
 * `limit`: so many members are enough.
 */
export async function openSources(path: string, onFault: OnFault, limit = MOST_MEMBERS): Promise<Source[]> {
  const file = await Source.open(path)
  const { bytes } = await file.head(HEAD_BYTES, true)
  const zip = file.compression === null && isZip(bytes)
  if (!zip && likelyFormat(bytes)) {
    const kind = kindOf(file.name, await listZip(file))
    return [kind ? file.as(kind) : file]
  }
  if (!zip && !isTar(bytes)) return [file]
  const members = zip ? await listZip(file, limit) : await listTar(file, limit)
  const kind = zip ? kindOf(file.name, members) : undefined
  if (kind) return [file.as(kind)]
  const sources: Source[] = []
  for (const member of members) {
    const inner = member.name.slice(file.name.length + 1)
    if (isLitter(inner)) continue
    if ('fault' in member) {
      onFault(member)
      continue
    }
    const source = await openMember(member, onFault)
    if (source) sources.push(source)
  }
  if (sources.length === 0)
    throw new StrandError('import/empty', `${file.name} is an archive without a file that Strand could read. Choose another one.`, {
      file: file.name,
    })
  return sources
}

async function openMember(member: Member, onFault: OnFault): Promise<Source | null> {
  try {
    const source = await Source.from(member)
    if (isZip(member.start!) || source.compressed || /\.tar$/i.test(member.name)) {
      const { bytes } = await source.head(512)
      if (likelyFormat(bytes)) return await openWorkbook(source, onFault)
      if (isZip(bytes) || isTar(bytes)) {
        onFault({ name: member.name, fault: `${member.name} is an archive inside an archive` })
        return null
      }
    }
    return source
  } catch (error) {
    if (!(error instanceof StrandError) || error.code !== 'import/empty') throw error
    onFault({ name: member.name, fault: `${member.name} is empty (0 bytes)`, harmless: true })
    return null
  }
}

/** An NPZ or XLSX in the archive. What is wrong with it concerns that file alone. */
async function openWorkbook(source: Source, onFault: OnFault): Promise<Source | null> {
  try {
    const kind = kindOf(source.name, await listZip(source))
    if (kind) return source.as(kind)
    onFault({ name: source.name, fault: `${source.name} is an archive inside an archive` })
  } catch (error) {
    if (!(error instanceof StrandError)) throw error
    onFault({ name: source.name, fault: error.message.split('. ')[0] })
  }
  return null
}

/** "PK" and one of the three records a ZIP may start with: an entry, the end of an empty one, a spanned one. */
export const isZip = (head: Uint8Array): boolean =>
  head[0] === 0x50 &&
  head[1] === 0x4b &&
  ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6) || (head[2] === 7 && head[3] === 8))

/** Its first entry is one that NumPy or an office program begins a file with: then the directory, for which all of it is unpacked, tells. */
function likelyFormat(head: Buffer): boolean {
  if (!isZip(head) || head.length < 31) return false
  const name = head.toString('latin1', 30, 30 + head.readUInt16LE(26))
  return /\.npy$|^(\[Content_Types\]\.xml|mimetype|_rels\/|docProps\/|xl\/)/.test(name)
}

function kindOf(name: string, members: readonly (Member | MemberFault)[]): 'npz' | 'xlsx' | undefined {
  const inside = members.map((member) => member.name.slice(name.length + 1))
  if (inside.some((one) => one === 'xl/workbook.xml')) return 'xlsx'
  const office = inside.includes('[Content_Types].xml') ? 'an Office document' : inside.includes('mimetype') ? 'an OpenDocument file' : null
  if (office)
    throw new StrandError('import/unknown-format', `${name} is ${office}, which Strand does not read. Save it as CSV or plain text.`, {
      file: name,
    })
  return inside.length > 0 && inside.every((one) => one.endsWith('.npy')) ? 'npz' : undefined
}
