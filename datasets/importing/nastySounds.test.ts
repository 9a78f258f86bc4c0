/** Sounds that users really drop, each with the sentence it must give. */
import { refuses, tells } from '../testing/nasty.ts'
import { wav } from '../testing/project.ts'

const sound = new Uint8Array(800).map((_, i) => i % 7)
const noise = Buffer.alloc(40_000)
for (let i = 0, x = 1; i < noise.length; i++) noise[i] = (x = Math.imul(x, 1_103_515_245) + 12_345) >>> 24

refuses([
  {
    file: 'short.wav',
    content: wav(sound).subarray(0, 30),
    code: 'import/truncated',
    says: 'short.wav ends at byte 30, before its sound begins.',
  },
  {
    file: 'align.wav',
    content: wav(sound, { align: 3 }),
    code: 'import/lying-header',
    says: 'The header of align.wav contradicts itself at byte 33: it claims 16 bits and 1 channel, which take 2 bytes a frame, but says 3.',
  },
  {
    file: 'channels.wav',
    content: wav(sound, { channels: 0, align: 2 }),
    code: 'import/lying-header',
    says: 'it claims to have no channels',
  },
  { file: 'rate.wav', content: wav(sound, { rate: 0 }), code: 'import/lying-header', says: 'it claims a sample rate of 0 Hz' },
  {
    file: 'adpcm.wav',
    content: wav(sound, { tag: 0x11, bits: 4, align: 1 }),
    code: 'import/unknown-format',
    says: 'adpcm.wav holds sound coded as ADPCM',
  },
  { file: 'silent.wav', content: wav(new Uint8Array(0)), code: 'import/empty', says: 'These files hold no sound.' },
  {
    file: 'song.wav',
    content: Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'),
    code: 'import/lying-header',
    says: 'song.wav looks like MP3, but no two frames of sound follow each other in its first 10 bytes.',
  },
  {
    file: 'words.wav',
    content: wav(sound),
    options: { tokens: 'byte' },
    code: 'bad-input',
    says: 'These files are audio and cannot be read as "byte" tokens. Choose mu-law, linear or continuous.',
  },
  {
    file: 'bits.wav',
    content: wav(sound),
    options: { tokens: 'linear', bits: 13 },
    code: 'bad-input',
    says: 'Sound is read in 4 to 12 bits, not 13. Choose for example 8.',
  },
  {
    file: 'noise.mp3',
    content: Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), noise]),
    code: 'import/lying-header',
    says: 'noise.mp3 looks like MP3, but no two frames of sound follow each other in its first 40,004 bytes.',
  },
  {
    file: 'layer.mp3',
    content: Buffer.concat([Buffer.from([0xff, 0xfd, 0x90, 0x64]), new Uint8Array(3000)]),
    code: 'import/unknown-format',
    says: 'layer.mp3 is MPEG audio of Layer II, which Strand does not read.',
  },
  {
    file: 'free.mp3',
    content: Buffer.concat([Buffer.from([0xff, 0xfb, 0x00, 0x64]), new Uint8Array(3000)]),
    code: 'import/unknown-format',
    says: 'free.mp3 is an MP3 sound of free bitrate, which Strand does not read.',
  },
  {
    file: 'voice.aac',
    content: Buffer.concat([Buffer.from([0xff, 0xf1, 0x50, 0x80]), new Uint8Array(300)]),
    code: 'import/unknown-format',
    says: 'voice.aac is an AAC sound, which Strand does not read.',
  },
  {
    file: 'head.opus',
    content: Buffer.concat([Buffer.from('OggS\0\x02'), new Uint8Array(22), Buffer.from('OpusHead\x01\0'), new Uint8Array(30)]),
    code: 'import/lying-header',
    says: 'The header of head.opus contradicts itself at byte 38: it claims to have no channels.',
  },
  {
    file: 'small.raw',
    content: Uint8Array.of(1),
    options: { pcm: { coding: 's16', rate: 8000, channels: 1 } },
    code: 'import/empty',
    says: 'These files hold no sound.',
  },
])

tells([
  {
    file: 'lies.wav',
    content: wav(sound, { size: 80_000 }),
    says: 'The header of lies.wav promises 80,000 bytes of sound (5 s), but the file ends after 800 (0.05 s), at byte 844; what is there was read.',
    byte: 41,
    length: 400,
  },
  {
    file: 'open.wav',
    content: wav(sound, { size: 0 }),
    says: 'The header of open.wav does not say how long the sound is; it was read to the end of the file (800 bytes).',
    length: 400,
  },
  {
    file: 'odd.wav',
    content: wav(sound.subarray(0, 401)),
    says: 'The end of odd.wav (1 byte) is less than one frame of 2 bytes; it was left out.',
    byte: 445,
    length: 200,
  },
  { file: 'stereo.wav', content: wav(sound, { channels: 2 }), says: 'The 2 channels of stereo.wav were averaged into one.', length: 200 },
  {
    file: 'nan.wav',
    content: wav(new Uint8Array(Float32Array.of(0.5, NaN, 0.25).buffer), { tag: 3, bits: 32 }),
    says: '1 sample of nan.wav is no finite number, read as silence.',
    length: 3,
  },
])
