import { Readable } from 'node:stream';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds, holdsLater } from '../../../../test/support/laws.js';
import { charsetOf } from './charset.js';
import { pageType, parseContentType } from './content-type.js';
import { readDecodedBody } from './decoded-body.js';
import { redirectTarget } from './redirect.js';
import { PageRefusal } from './refusal.js';
import { judgeByRobots } from './robots/match.js';
import { parseRobots } from './robots/parse.js';

/** The result, or the code of the refusal; every other error fails the law. */
function outcome<T>(act: () => T): T | string {
  try {
    return act();
  } catch (error) {
    if (error instanceof PageRefusal) return error.refused.code;
    throw error;
  }
}

const path = fc.stringMatching(/^\/[a-z0-9/%*$?&=.~-]{0,20}$/);
const rule = fc.tuple(fc.constantFrom('Allow', 'Disallow'), path).map(([name, value]) => `${name}: ${value}`);
const group = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom('foobot', 'barbot', '*'), { minLength: 1, maxLength: 2 }),
    fc.array(rule, { minLength: 1, maxLength: 4 }),
  )
  .map(([agents, rules]) => `${agents.map((agent) => `User-agent: ${agent}`).join('\n')}\n${rules.join('\n')}\n`);

function isAllowed(robots: string | Uint8Array, at: string): boolean {
  const groups = parseRobots(typeof robots === 'string' ? Buffer.from(robots) : robots);
  return judgeByRobots(groups, 'foobot', new URL(`http://host.example${at}`)).allowed;
}

describe('robots.txt', () => {
  it('can be any bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.string({ maxLength: 400, unit: 'binary' }).map((text) => Buffer.from(text)),
    );
    const lines = fc
      .array(fc.oneof(rule, fc.constantFrom('User-agent: *', 'user-agent foobot', '#', ': x', 'Crawl-delay: 1e9', '\ufeff')), {
        maxLength: 20,
      })
      .map((parts) => Buffer.from(parts.join('\r')));
    holds(
      fc.property(fc.oneof(bytes, lines), fc.webPath(), (robots, at) => {
        const verdict = judgeByRobots(parseRobots(robots), 'foobot', new URL(`http://host.example${at}`));
        expect(typeof verdict.allowed).toBe('boolean');
        expect(verdict.crawlDelayMs >= 0 && verdict.crawlDelayMs <= 30_000).toBe(true);
      }),
      { runs: 200 },
    );
  });

  it('says the same in any order of its groups, and of the rules within', () => {
    holds(
      fc.property(fc.array(group, { maxLength: 4 }), path, (groups, at) => {
        expect(isAllowed(groups.toReversed().join('\n'), at)).toBe(isAllowed(groups.join('\n'), at));
      }),
      { runs: 200 },
    );
    holds(
      fc.property(fc.array(rule, { maxLength: 6 }), path, (rules, at) => {
        const head = 'User-agent: *\n';
        expect(isAllowed(head + rules.toReversed().join('\n'), at)).toBe(isAllowed(head + rules.join('\n'), at));
      }),
      { runs: 200 },
    );
  });

  it('closes nothing by an Allow more, opens nothing by a Disallow more, and takes no notice of groups of others', () => {
    holds(
      fc.property(fc.array(rule, { maxLength: 5 }), path, path, (rules, value, at) => {
        const robots = `User-agent: foobot\n${rules.join('\n')}\n`;
        const before = isAllowed(robots, at);
        if (before) expect(isAllowed(`${robots}Allow: ${value}\n`, at)).toBe(true);
        else expect(isAllowed(`${robots}Disallow: ${value}\n`, at)).toBe(false);
        expect(isAllowed(`User-agent: other\nDisallow: ${value}\n${robots}`, at)).toBe(before);
      }),
      { runs: 300 },
    );
  });

  it('without rules, or with an empty one, allows everything', () => {
    holds(
      fc.property(path, (at) => {
        for (const robots of ['', 'User-agent: *\n', 'User-agent: *\nDisallow:\n', 'Disallow: /\n'])
          expect(isAllowed(robots, at)).toBe(true);
        expect(isAllowed('User-agent: *\nDisallow: /\n', at)).toBe(new URL(`http://h${at}`).pathname === '/robots.txt');
      }),
    );
  });
});

describe('labels of a body', () => {
  const label = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom('utf-8', 'latin1', 'utf-16le', 'shift_jis', 'utf-7', 'iso-2022-kr', 'x-user-defined'),
  );

  it('always name an encoding that decodes it, or refuse it', () => {
    const marked = fc
      .tuple(fc.constantFrom('', '\ufeff', '<meta charset=', '<?xml version="1.0" encoding="'), label)
      .map(([mark, name]) => Buffer.from(`${mark}${name}">`));
    holds(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 300 }), marked),
        fc.option(label),
        fc.constantFrom('text/html', 'text/plain', 'application/xhtml+xml'),
        (bytes, header, essence) => {
          const charset = outcome(() => charsetOf(bytes, essence, header));
          if (charset !== 'UNSUPPORTED_ENCODING') expect(typeof new TextDecoder(charset).decode(bytes)).toBe('string');
        },
      ),
      { runs: 300 },
    );
  });

  it('read back UTF-8 text that says nothing of itself', () => {
    holds(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (text) => {
        fc.pre(!text.startsWith('\ufeff') && !text.includes('<') && Buffer.from(text).toString() === text && !/^[\ufffe]/.test(text));
        const bytes = Buffer.from(text);
        expect(new TextDecoder(charsetOf(bytes, 'text/html', null)).decode(bytes)).toBe(text);
      }),
    );
  });

  it('are a type that is a page, or a refusal', () => {
    const header = fc.option(
      fc.oneof(
        fc.string({ maxLength: 60, unit: 'binary' }),
        fc.tuple(fc.mixedCase(fc.constant('text/html')), label).map(([type, name]) => `${type}; charset="${name}"`),
      ),
    );
    holds(
      fc.property(header, fc.uint8Array({ maxLength: 200 }), (given, bytes) => {
        const declared = parseContentType(given);
        expect(outcome(() => pageType(declared, Buffer.from(bytes)))).toMatch(
          /^(text\/html|text\/plain|application\/xhtml\+xml|UNSUPPORTED_CONTENT_TYPE)$/,
        );
        if (declared.essence !== null) expect(parseContentType(declared.essence).essence).toBe(declared.essence);
      }),
      { runs: 300 },
    );
  });
});

describe('Location', () => {
  it('is a URL without fragment and credentials, or a refusal', () => {
    const location = fc.option(
      fc.oneof(
        fc.string({ maxLength: 80, unit: 'binary' }),
        fc.webUrl({ withFragments: true }),
        fc
          .tuple(fc.constantFrom('//', '\\\\', 'http:', '/../', '?', '#', 'http://a:b@', 'javascript:'), fc.string({ maxLength: 20 }))
          .map((parts) => parts.join('')),
      ),
    );
    const from = new URL('https://from.example/a/b?c');
    holds(
      fc.property(location, (text) => {
        const target = outcome(() => redirectTarget(from, text));
        if (typeof target === 'string') expect(target).toBe('REDIRECT_INVALID');
        else expect([target.hash, target.username, target.password, new URL(target.href).href]).toEqual(['', '', '', target.href]);
      }),
      { runs: 500 },
    );
  });
});

const CODINGS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync } as const;
const coding = fc.constantFrom(...(Object.keys(CODINGS) as (keyof typeof CODINGS)[]));

async function read(bytes: Uint8Array, contentEncoding: string | null, maxBytes = 5_000): Promise<Buffer | string> {
  const parts = Array.from({ length: Math.ceil(bytes.length / 97) }, (_, n) => Buffer.from(bytes.subarray(n * 97, n * 97 + 97)));
  try {
    return await readDecodedBody(Readable.from(parts, { objectMode: false }), {
      contentEncoding,
      maxBytes,
      signal: new AbortController().signal,
    });
  } catch (error) {
    if (error instanceof PageRefusal) return error.refused.code;
    throw error;
  }
}

describe('a body', () => {
  it('comes back from every coding', async () => {
    await holdsLater(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), coding, fc.option(coding), async (bytes, inner, outer) => {
        const once = CODINGS[inner](bytes);
        const encoded = outer === null ? once : CODINGS[outer](once);
        expect(await read(encoded, outer === null ? inner : `${inner}, ${outer}`)).toEqual(Buffer.from(bytes));
        if (inner === 'deflate' && outer === null) expect(await read(deflateRawSync(bytes), 'deflate')).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('that is cut, changed or mislabelled is whole, or refused, and never larger than the limit', async () => {
    const bytes = fc
      .tuple(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 200 }))
      .map(([part, times]) => Buffer.concat(Array.from({ length: times }, () => part)));
    await holdsLater(
      fc.asyncProperty(
        bytes,
        coding,
        fc.oneof(coding, fc.string({ maxLength: 12 })),
        fc.nat(),
        fc.nat(),
        async (plain, made, label, cutAt, changeAt) => {
          const encoded = Buffer.from(CODINGS[made](plain));
          const changed = Buffer.from(encoded.subarray(0, 1 + (cutAt % encoded.length)));
          const at = changeAt % changed.length;
          changed[at] = (changed[at] ?? 0) ^ 0x55;
          for (const body of [encoded, changed]) {
            const result = await read(body, label);
            if (typeof result === 'string') expect(result).toMatch(/^(TOO_LARGE|UNSUPPORTED_ENCODING)$/);
            else expect(result.length).toBeLessThanOrEqual(5_000);
          }
        },
      ),
    );
  });
});
