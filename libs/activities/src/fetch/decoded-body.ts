import { once } from 'node:events';
import { type Readable, Transform, pipeline } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { SNIFFED_BYTES } from './content-type.js';
import { PageRefusal } from './refusal.js';

export const ACCEPT_ENCODING = 'gzip, deflate, br, zstd';
const MAX_CODINGS = 2;
/** Errors of zlib, brotli and zstd: the body is not what its label says. */
const DECODER_ERROR = /^(Z_|ERR__|ERR_BROTLI|ERR_PADDING|ZSTD_)/;
/** 8 MiB, the largest window that browsers accept (RFC 9659). */
const ZSTD_WINDOW_LOG = 23;

export interface BodyOptions {
  /** Content-Encoding header, or null. */
  readonly contentEncoding: string | null;
  /** Largest body, counted before and after each decoding. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Ends quietly after this many decoded bytes; what follows is not read. */
  readonly cutAfterBytes?: number;
  /** Sees the first decoded bytes as soon as they are there, and may throw to end the transfer. */
  readonly onPrefix?: (prefix: Buffer) => void;
}

/** The codings in the order in which they are undone; `identity` is none. */
function codingsToUndo(header: string | null): readonly string[] {
  const codings = (header ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (codings.length > MAX_CODINGS) throw new PageRefusal('UNSUPPORTED_ENCODING', `the body is encoded ${codings.length} times`);
  return codings.toReversed();
}

/** The standard means the zlib format, some servers send the bare stream. A zlib header's low nibble is always 8. */
async function isBareDeflate(body: Readable, signal: AbortSignal): Promise<boolean> {
  if (body.readableLength === 0 && !body.readableEnded) await once(body, 'readable', { signal });
  const chunk: unknown = body.read();
  if (!(chunk instanceof Uint8Array)) return false;
  body.unshift(chunk);
  return ((chunk[0] ?? 8) & 0x0f) !== 8;
}

function decoderOf(coding: string, isBare: boolean): Transform {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return isBare ? createInflateRaw() : createInflate();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } });
    default:
      throw new PageRefusal('UNSUPPORTED_ENCODING', `the content encoding ${coding.slice(0, 40)} is not supported`);
  }
}

function byteLimit(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new PageRefusal('TOO_LARGE', `the page is larger than the limit of ${maxBytes} bytes`));
      else done(null, chunk);
    },
  });
}

async function decodedStream(body: Readable, options: BodyOptions): Promise<Readable> {
  const codings = codingsToUndo(options.contentEncoding);
  const isBare = codings[0] === 'deflate' && (await isBareDeflate(body, options.signal));
  const steps = [byteLimit(options.maxBytes)];
  codings.forEach((coding, index) => steps.push(decoderOf(coding, isBare && index === 0), byteLimit(options.maxBytes)));
  const last = steps[steps.length - 1] ?? body;
  pipeline([body, ...steps], () => undefined); // its error is the one that reading the last stream meets
  return last;
}

function bodyError(error: unknown): unknown {
  const isDecoderError = error instanceof Error && 'code' in error && DECODER_ERROR.test(String(error.code));
  return isDecoderError
    ? new PageRefusal('UNSUPPORTED_ENCODING', 'the body is not what its content encoding says, or it is cut off')
    : error;
}

/**
 * Reads a body whole, decoded, within a limit that holds before and after every decoding, so that a bomb ends when the
 * limit is passed and memory stays near it. Throws PageRefusal TOO_LARGE or UNSUPPORTED_ENCODING, or the stream's own error.
 */
export async function readDecodedBody(body: Readable, options: BodyOptions): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isInspected = false;
  const inspect = (): void => {
    isInspected = true;
    options.onPrefix?.(Buffer.concat(chunks).subarray(0, SNIFFED_BYTES));
  };
  const stop = (): void => {
    body.destroy(new Error('aborted'));
  };
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    options.signal.throwIfAborted();
    for await (const chunk of await decodedStream(body, options)) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (!isInspected && bytes >= SNIFFED_BYTES) inspect();
      if (bytes >= (options.cutAfterBytes ?? Infinity)) break;
    }
    if (!isInspected) inspect();
    return Buffer.concat(chunks, bytes);
  } catch (error) {
    throw bodyError(error);
  } finally {
    options.signal.removeEventListener('abort', stop);
    // A body that was not read to its end must not keep its connection; its late error has no listener left.
    body.on('error', () => undefined).destroy();
  }
}
