import { randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assertSpace } from './fileBytes.ts'
import type { Source } from './source.ts'

const CHECKED_BYTES = 64 * 1_048_576

/** The content of a source in a file without a name in the system's temporary folder: gone once it is closed, also when the program is killed. */
export async function unpackedFile(source: Source): Promise<FileHandle> {
  const folder = tmpdir()
  const path = join(folder, `strand-${randomUUID()}`)
  const handle = await open(path, 'wx+', 0o600)
  try {
    await unlink(path)
    let written = 0
    let checked = -CHECKED_BYTES
    for await (const piece of source.content()) {
      if (written - checked >= CHECKED_BYTES) {
        assertSpace(folder, CHECKED_BYTES, source.name)
        checked = written
      }
      await handle.write(piece)
      written += piece.length
    }
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}
