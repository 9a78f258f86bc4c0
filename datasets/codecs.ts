import { muLawCodec } from './audio/muLawCodec.ts'
import type { CodecJson, TokenCodec } from './codec.ts'
import { StrandError } from './errors.ts'
import { nucleotideCodec } from './genomics/nucleotideCodec.ts'
import { byteCodec } from './text/byteCodec.ts'
import { charCodec } from './text/charCodec.ts'
import { symbolCodec } from './text/symbolCodec.ts'

/** The codec a dataset or an exported model was stored with. A series has no tokens: it is scaled (see timeseries/seriesScaling.ts). */
export function tokenCodecFromJSON(json: CodecJson): TokenCodec {
  switch (json.kind) {
    case 'nucleotide':
      return nucleotideCodec
    case 'char':
      return charCodec(json.symbols)
    case 'byte':
      return byteCodec
    case 'symbols':
      return symbolCodec(json.symbols)
    case 'mu-law':
      return muLawCodec
    case 'series':
      throw new StrandError('bad-input', 'A series is read as numbers, not as tokens. Choose a forecasting preset for it.')
  }
}
