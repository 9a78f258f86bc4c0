import { z } from 'zod'
import type { ImportOptions, TableOptions, TextEncoding } from '../contract/importing.ts'

const encoding = z.enum([
  'utf-8',
  'utf-16le',
  'utf-16be',
  'utf-32le',
  'utf-32be',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'iso-8859-2',
  'koi8-r',
  'shift_jis',
  'euc-jp',
  'gb18030',
  'big5',
  'euc-kr',
]) satisfies z.ZodType<TextEncoding>

const role = z.enum(['time', 'value', 'label', 'group', 'id', 'text', 'sequence', 'ignore'])

const table = z.strictObject({
  delimiter: z.enum([',', ';', '\t', '|', ' ']).optional(),
  decimal: z.enum(['.', ',']).optional(),
  thousands: z.enum(['none', ',', '.', ' ', "'"]).optional(),
  header: z.boolean().optional(),
  units: z.boolean().optional(),
  rows: z.enum(['moments', 'series']).optional(),
  order: z.enum(['file', 'time']).optional(),
  roles: z.record(z.string().max(1000), role).optional(),
}) satisfies z.ZodType<TableOptions>

/** How the letters and columns of a file are read. */
export const tableInput = {
  encoding: encoding.optional(),
  table: table.optional(),
  axes: z.enum(['time', 'time-channel', 'record-time', 'record-time-channel', 'record-channel-time']).optional(),
  from: z.array(z.string().max(4096)).max(10_000).optional(),
} satisfies { [K in 'encoding' | 'table' | 'axes' | 'from']: z.ZodType<ImportOptions[K]> }
